"""A telephone in software: places SIP calls, speaks, listens, and stamps what it hears.

For the self-check, the demo, the tests and the benchmark. One thread serves every call of
a phone; all times are ``time.monotonic()`` seconds.
"""

import logging
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from bot.softphone.codecs import Format
from bot.softphone.heard import HeardAudio, HeardPacket
from bot.softphone.packetloop import PacketLoop
from bot.softphone.rtp import RtpSender
from bot.softphone.sip import CallRefused, Dialog, Parties
from bot.softphone.sipmessage import G711, SipMessage

logger = logging.getLogger(__name__)

_POLL_S = 0.02
_SIGNALLING_TICK_S = 0.1
_PORT_ATTEMPTS = 200


class Call:
    """One answered call; made by :meth:`Phone.dial`, hung up when left as a context."""

    def __init__(
        self, dialog: Dialog, rtp: socket.socket, heard: HeardAudio, *, send_silence: bool
    ) -> None:
        media = dialog.media
        assert media is not None  # noqa: S101 - an answered dialog always has it
        self.answered_at = time.monotonic()
        self.heard = heard
        self.ended = dialog.ended
        """Set when either side hung up."""
        self._dialog = dialog
        self._rtp = rtp
        self.far_side = (media.host, media.port)
        """Where our packets go."""
        self._sender = RtpSender(media.codec, media.event_type, send_silence=send_silence)

    @property
    def ended_by(self) -> Literal["us", "them"] | None:
        """Who hung up; ``None`` while the call lasts."""
        return self._dialog.ended_by

    @property
    def received(self) -> list[HeardPacket]:
        """Every packet of sound so far, decoded."""
        return self.heard.packets()

    @property
    def speech_sent_at(self) -> list[float]:
        """When each packet of our speech left, ascending."""
        return self._sender.speech_sent_at

    @property
    def last_sent_speech_at(self) -> float | None:
        """When the last packet of our speech left; silence inside the played sound counts not."""
        return self.speech_sent_at[-1] if self.speech_sent_at else None

    def play(self, pcm: bytes) -> None:
        """Speak ``pcm`` (s16le, 8000 Hz) after what is being spoken already."""
        self._sender.queue_speech(pcm)

    def wait_played(self, timeout_s: float = 60.0) -> bool:
        """Wait until everything given to :meth:`play` has left; whether it has."""
        return self._sender.all_sent.wait(timeout_s)

    def send_dtmf(self, keys: str, held_ms: int = 100) -> None:
        """Press ``keys``, each held so long and 60 ms more; with 0 each is one packet."""
        self._sender.queue_keys(keys, held_ms)

    def wait_speech(self, after_s: float, timeout_s: float = 30.0) -> float | None:
        """Arrival of the first speech later than ``after_s``; ``None`` when none comes."""
        deadline_s = time.monotonic() + timeout_s
        while (onset_s := self.heard.speech_onset(after_s)) is None:
            if time.monotonic() > deadline_s or self.ended.is_set():
                return self.heard.speech_onset(after_s)
            time.sleep(_POLL_S)
        return onset_s

    def wait_quiet(self, quiet_s: float, timeout_s: float = 60.0) -> float | None:
        """Wait for ``quiet_s`` without speech; arrival of the last speech before it.

        ``None`` when it is still speaking after ``timeout_s``, or never spoke at all.
        """
        since_s = time.monotonic()
        deadline_s = since_s + timeout_s
        while time.monotonic() < deadline_s:
            last_s = self.heard.last_speech()
            if time.monotonic() - (last_s or since_s) >= quiet_s or self.ended.is_set():
                return last_s
            time.sleep(_POLL_S)
        return None

    def recording(self) -> bytes:
        """What was heard since the answer, as continuous s16le."""
        return self.heard.recording(self.answered_at)

    def save(self, path: Path) -> None:
        """Write :meth:`recording` as a WAV file."""
        self.heard.save(path, self.answered_at)

    def hangup(self, timeout_s: float = 5.0) -> bool:
        """Hang up and wait for the far side to confirm; whether it did."""
        self._dialog.hang_up(time.monotonic())
        return self.ended.wait(timeout_s)

    def send_next(self, now_s: float) -> bool:
        """Send the packet of this 20 ms; whether the call goes on. For the phone's thread."""
        if self.ended.is_set():
            return False
        packet = self._sender.next_packet(now_s)
        if packet is not None:
            try:
                self._rtp.sendto(packet, self.far_side)
            except OSError as error:  # the line loses a packet, as lines do
                logger.debug("event=rtp_not_sent error=%s", error)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hangup()


class Phone:
    """A telephone that calls through the SIP server at ``server`` (host, port) over UDP.

    ``local_host`` is the address the far side sends to; by default the one that the
    machine's routes choose. Close it, or use it as a context: every call is hung up.
    """

    def __init__(self, server: tuple[str, int], local_host: str | None = None) -> None:
        self._server = (socket.gethostbyname(server[0]), server[1])
        self._host = local_host or _address_towards(self._server)
        self._dialogs: dict[str, tuple[Dialog, socket.socket]] = {}
        self._sip = _bound(self._host, 0)
        self._loop = PacketLoop(f"phone-{self._sip.getsockname()[1]}")
        self._loop.read(self._sip, self._take_message)
        self._loop.tick(self._tend_dialogs, _SIGNALLING_TICK_S)

    @property
    def lateness_s(self) -> list[float]:
        """How late each packet of every call left, in seconds."""
        return list(self._loop.lateness_s)

    def dial(
        self,
        extension: str,
        caller_id: str = "phone",
        timeout_s: float = 15.0,
        *,
        send_silence: bool = True,
        formats: Sequence[Format] = G711,
        name: str = "",
    ) -> Call:
        """Call ``extension`` and wait for the answer; ``name`` is shown beside ``caller_id``.

        ``send_silence=False`` sends nothing between speech, like a line with discontinuous
        transmission. Raises :class:`CallRefused` with SIP's status, or 408 after
        ``timeout_s``.
        """
        rtp = _even_port(self._host)
        heard = HeardAudio()
        self._loop.read(rtp, heard.add)
        dialog = self._invite(extension, caller_id, name, rtp, formats)
        if not dialog.decided.wait(timeout_s):
            dialog.hang_up(time.monotonic())
            raise CallRefused(408, f"no answer in {timeout_s:g} s")
        if dialog.refusal is not None:
            raise dialog.refusal
        call = Call(dialog, rtp, heard, send_silence=send_silence)
        self._loop.tick(call.send_next)
        return call

    def close(self, timeout_s: float = 3.0) -> None:
        """Hang up every call and stop."""
        deadline_s = time.monotonic() + timeout_s
        dialogs = [dialog for dialog, _ in list(self._dialogs.values())]
        for dialog in dialogs:
            dialog.hang_up(time.monotonic())
        for dialog in dialogs:
            dialog.ended.wait(max(0.0, deadline_s - time.monotonic()))
        self._loop.stop()

    def _invite(
        self,
        extension: str,
        caller_id: str,
        name: str,
        rtp: socket.socket,
        formats: Sequence[Format],
    ) -> Dialog:
        parties = Parties(
            local=f"{self._host}:{self._sip.getsockname()[1]}",
            remote=f"{self._server[0]}:{self._server[1]}",
            dialled=extension,
            caller=caller_id,
            name=name,
        )
        dialog = Dialog(parties, rtp.getsockname()[1], self._send, formats)
        self._dialogs[dialog.call_id] = (dialog, rtp)
        dialog.invite(time.monotonic())
        return dialog

    def _send(self, datagram: bytes) -> None:
        try:
            self._sip.sendto(datagram, self._server)
        except OSError as error:  # it is repeated until answered
            logger.debug("event=sip_not_sent error=%s", error)

    def _take_message(self, datagram: bytes, at_s: float) -> None:
        try:
            message = SipMessage.parse(datagram)
        except ValueError:
            return  # keep-alives and noise
        found = self._dialogs.get(message.header("call-id"))
        if found is not None:
            found[0].receive(message, at_s)
        elif message.status is None and message.method != "ACK":
            known = message.method == "OPTIONS"
            status, reason = (200, "OK") if known else (481, "Call Does Not Exist")
            self._send(message.answer(status, reason, "phone").encode())

    def _tend_dialogs(self, now_s: float) -> bool:
        for call_id, (dialog, rtp) in list(self._dialogs.items()):
            dialog.repeat_what_is_due(now_s)
            if dialog.ended.is_set():
                del self._dialogs[call_id]
                self._loop.close_socket(rtp)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _even_port(host: str) -> socket.socket:
    """A socket on an even port, as RTP's is (RFC 3550, 11)."""
    for _ in range(_PORT_ATTEMPTS):
        sock = _bound(host, 0)
        if sock.getsockname()[1] % 2 == 0:
            return sock
        sock.close()
    raise OSError("no free even port for RTP")


def _address_towards(server: tuple[str, int]) -> str:
    """The local address from which packets to ``server`` leave."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(server)
        host: str = probe.getsockname()[0]
        return host
