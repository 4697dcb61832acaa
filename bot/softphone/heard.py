"""What a telephone heard: packets with the time each arrived, and questions about them."""

import threading
import wave
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bot.audio import BYTES_PER_S, RATE_HZ, SAMPLE_BYTES
from bot.softphone.codecs import codec
from bot.softphone.rtp import SPEECH_DBFS, RtpPacket, parse_packet, pressed_key

_JITTER_S = 0.06
"""A packet this close to where the previous one ended continues it."""


class HeardPacket(NamedTuple):
    """One packet of sound: when it arrived (monotonic seconds), its number, its s16le."""

    at_s: float
    sequence: int
    pcm: bytes


class HeardAudio:
    """Everything that arrived on one call.

    The receiving thread only appends; the packets are looked into by whoever asks.
    """

    def __init__(self) -> None:
        self._datagrams: list[tuple[float, bytes]] = []
        self._looked_at = 0
        self._speech_at: list[float] = []
        self._lock = threading.Lock()

    def add(self, datagram: bytes, at_s: float) -> None:
        """Keep what arrived."""
        self._datagrams.append((at_s, datagram))

    def packets(self, after_s: float = 0.0) -> list[HeardPacket]:
        """Every packet of sound that arrived later than ``after_s``, in order of arrival."""
        start = bisect_right(self._datagrams, after_s, key=lambda datagram: datagram[0])
        return [
            HeardPacket(at_s, packet.sequence, known.decode(payload))
            for at_s, packet in self._parsed(start, len(self._datagrams))
            if (known := codec(packet.payload_type)) and (payload := packet.payload)
        ]

    def keys(self) -> str:
        """Every key heard so far; the three end packets of one key count once."""
        pressed: list[tuple[int, str]] = []
        for _, packet in self._parsed(0, len(self._datagrams)):
            key = None if codec(packet.payload_type) else pressed_key(packet)
            if key and (packet.timestamp, key) not in pressed[-1:]:
                pressed.append((packet.timestamp, key))
        return "".join(key for _, key in pressed)

    def speech_at(self) -> list[float]:
        """When each packet of speech arrived, ascending."""
        return list(self._speech())

    def speech_onset(self, after_s: float) -> float | None:
        """Arrival of the first packet of speech later than ``after_s``."""
        times = self._speech()
        found = bisect_right(times, after_s)
        return times[found] if found < len(times) else None

    def last_speech(self, before_s: float | None = None) -> float | None:
        """Arrival of the last packet of speech, or of the last one before ``before_s``."""
        times = self._speech()
        end = len(times) if before_s is None else bisect_left(times, before_s)
        return times[end - 1] if end else None

    def recording(self, start_s: float | None = None) -> bytes:
        """One continuous s16le recording with each packet where it arrived.

        It begins at ``start_s`` (monotonic seconds), or with the first packet. Where nothing
        arrived there is silence; jitter is smoothed out, overlap is not mixed.
        """
        packets = self.packets()
        if not packets:
            return b""
        start_s = packets[0].at_s if start_s is None else start_s
        laid = bytearray()
        for packet in packets:
            place = round((packet.at_s - start_s) * RATE_HZ) * SAMPLE_BYTES
            if place - len(laid) > _JITTER_S * BYTES_PER_S:
                laid.extend(bytes(place - len(laid)))
            if place >= 0:
                laid.extend(packet.pcm)
        return bytes(laid)

    def save(self, path: Path, start_s: float | None = None) -> None:
        """Write :meth:`recording` as a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(RATE_HZ)
            file.writeframes(self.recording(start_s))

    def _speech(self) -> list[float]:
        """The growing list of speech packets' arrivals, brought up to date."""
        with self._lock:
            end = len(self._datagrams)
            for at_s, packet in self._parsed(self._looked_at, end):
                law = codec(packet.payload_type)
                if law and law.level_dbfs(packet.payload) >= SPEECH_DBFS:
                    self._speech_at.append(at_s)
            self._looked_at = end
            return self._speech_at

    def _parsed(self, start: int, end: int) -> Iterator[tuple[float, RtpPacket]]:
        for at_s, datagram in self._datagrams[start:end]:
            packet = parse_packet(datagram)
            if packet is not None:
                yield at_s, packet
