"""RTP between us and Asterisk's ``UnicastRTP`` channel, for versions with nothing better.

Facts, seen on 16.28 and 22.10. The channel is asked for A-law: asked for slin, versions before
2024 free a format that is not theirs, and crash after some forty calls (asterisk#529). Asterisk
sends no RTCP and no key events: keys come over the ARI. A hang-up is not told in RTP at all.
"""

import secrets
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from bot.ari import AriClient, AriError
from bot.audio import FRAME_BYTES, SAMPLE_BYTES
from bot.errors import AssistantError
from bot.media import MediaEvent, MediaLostError
from bot.media.address import Address
from bot.media.paced_leg import Connect
from bot.softphone.g711 import codec
from bot.softphone.rtp import RtpPacket, parse_packet

FRAME_SAMPLES = FRAME_BYTES // SAMPLE_BYTES
DATAGRAM_BYTES = 4096
LAW: Final = "PCMA"
REORDERED = 100
"""A packet that is this many behind or fewer is late; farther off, a new count has begun."""
_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_MARKER = 0x80


class RtpStream:
    """The packets of one direction: numbers, timestamps and source (RFC 3550, 5.1)."""

    def __init__(self) -> None:
        self._sequence = secrets.randbelow(1 << 16)
        self._timestamp = secrets.randbelow(1 << 32)
        self._source = secrets.randbelow(1 << 32)
        self._marker = _MARKER
        self._law = codec(LAW)

    def packet(self, frame: bytes) -> bytes:
        """The next packet with 20 ms of s16le."""
        header = _HEADER.pack(
            _VERSION, self._law.payload_type | self._marker, self._sequence, self._timestamp,
            self._source,
        )  # fmt: skip
        self._marker = 0
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._timestamp = (self._timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        return header + self._law.encode(frame)


class RtpReader:
    """The sound in the packets of the other direction, late and foreign ones left out."""

    def __init__(self) -> None:
        self._sequence: int | None = None

    def sound(self, datagram: bytes) -> bytes:
        """s16le samples; none when the packet is of no use."""
        packet = parse_packet(datagram)
        if packet is None or self._is_late(packet):
            return b""
        self._sequence = packet.sequence
        match packet.payload_type:
            case 0:
                return codec("PCMU").decode(packet.payload)
            case 8:
                return codec("PCMA").decode(packet.payload)
            case _:
                return b""

    def _is_late(self, packet: RtpPacket) -> bool:
        if self._sequence is None:
            return False
        return (self._sequence - packet.sequence) & 0xFFFF < REORDERED


class RtpCarrier:
    """A :class:`bot.media.paced_leg.Carrier` over one UDP socket, connected to Asterisk's.

    So the kernel drops what comes from elsewhere, and says when Asterisk's socket is closed.
    ``hang_up`` ends the channel, of which RTP itself knows nothing.
    """

    def __init__(self, connected: socket.socket, hang_up: Callable[[], None]) -> None:
        self._socket = connected
        self._hang_up = hang_up
        self._ended = False
        self._stream = RtpStream()

    def ready(self) -> bool:
        return True

    def send(self, frame: bytes) -> None:
        packet = self._stream.packet(frame)
        try:
            self._socket.send(packet, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return  # the network loses a packet, as networks do

    def received(self) -> Iterator[bytes | MediaEvent]:
        reader = RtpReader()
        while not self._ended:
            try:
                datagram = self._socket.recv(DATAGRAM_BYTES)
            except OSError:
                return
            if pcm := reader.sound(datagram):
                yield pcm

    def abort(self) -> None:
        self._ended = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the reader
        except OSError:
            return  # gone already

    def hang_up(self) -> None:
        self.abort()
        self._hang_up()

    def close(self) -> None:
        self._socket.close()


def rtp_carriers(ari: AriClient, app: str, address: Address) -> Connect:
    """What has Asterisk send its sound to a port of ours, a channel at a time."""

    def connect(channel_id: str) -> RtpCarrier:
        ours = socket.socket(address.family, socket.SOCK_DGRAM)
        try:
            ours.bind((address.bind, 0))
            far = ari.external_media(app, channel_id, _channel(address, ours))
            _connect(ours, far)
        except AssistantError:
            ours.close()
            with suppress(AriError):  # the channel may be there all the same, and would stay
                ari.hang_up(channel_id)
            raise
        except OSError as error:
            ours.close()
            raise MediaLostError(f"RTP socket: {error}") from error
        return RtpCarrier(ours, partial(ari.hang_up, channel_id))

    return connect


def _channel(address: Address, ours: socket.socket) -> dict[str, str]:
    return {
        "transport": "udp",
        "encapsulation": "rtp",
        "connection_type": "client",
        "direction": "both",
        "external_host": address.reached_at(ours.getsockname()[1]),
        "format": "alaw",
    }


def _connect(ours: socket.socket, far: Mapping[str, str]) -> None:
    """Take sound from Asterisk alone; nobody was kept from sending until now."""
    try:
        ours.connect((far["UNICASTRTP_LOCAL_ADDRESS"], int(far["UNICASTRTP_LOCAL_PORT"])))
    except (KeyError, ValueError) as error:
        raise MediaLostError(f"Asterisk does not say where its RTP is: {far}") from error
    with suppress(BlockingIOError):
        while True:
            ours.recv(DATAGRAM_BYTES, socket.MSG_DONTWAIT)
