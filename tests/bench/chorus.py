"""Many callers who ask the same every ten seconds, as cheaply as Python can send their packets.

``python -m tests.bench.chorus`` is one process of them. They do not listen: the kernel drops
what comes. Whoever measures is a softphone among them (:mod:`tests.bench.crowd`).
"""

import argparse
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.audio import FRAME_MS, RATE_HZ
from bot.softphone.g711 import codec
from bot.softphone.phone import Phone
from bot.softphone.sip import CallRefused, Dialog
from tests.lab.humanspeech import human_speech

TURN_EVERY_S = 10.0
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
FRAME_S = FRAME_MS / 1000
PCMU = codec("PCMU")
_HEADER = struct.Struct("!BBHII")
_SMALLEST_BUFFER = 2304


@dataclass
class _Voice:
    """One caller's stream: the frames of a turn over and over, from ``place`` on."""

    dialog: Dialog
    rtp: socket.socket
    frames: list[bytes]
    place: int
    sequence: int = 0

    def send(self) -> bool:
        """The packet of this 20 ms; false when the call is over."""
        if self.dialog.ended.is_set():
            return False
        number = self.sequence
        header = _HEADER.pack(
            0x80, PCMU.payload_type, number & 0xFFFF, number * FRAME_SAMPLES & 0xFFFFFFFF,
            self.place * 7919 + 1,
        )  # fmt: skip
        with suppress(OSError):  # the line loses a packet, as lines do
            self.rtp.send(header + self.frames[(self.place + number) % len(self.frames)])
        self.sequence += 1
        return True


class Chorus(Phone):
    """A telephone whose callers only speak."""

    def __init__(self, server: tuple[str, int], pcm: bytes) -> None:
        super().__init__(server)
        self._turn = _turn(pcm)
        self._voices: list[_Voice] = []
        self._ending = threading.Event()
        self._sender = threading.Thread(target=self._speak, daemon=True)
        self._sender.start()

    def join(self, extension: str, caller_id: str, place: int, timeout_s: float = 30.0) -> Dialog:
        """One more caller, who begins at frame ``place`` of the turn; :class:`CallRefused`."""
        rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALLEST_BUFFER)
        rtp.bind((self._host, 0))
        dialog = self._invite(extension, caller_id, "", rtp, ("PCMU",))
        if not dialog.decided.wait(timeout_s):
            dialog.hang_up(time.monotonic())
            raise CallRefused(408, f"no answer in {timeout_s:g} s")
        if dialog.refusal is not None or dialog.media is None:
            raise dialog.refusal or CallRefused(488, "no media")
        rtp.setblocking(False)
        rtp.connect((dialog.media.host, dialog.media.port))
        self._voices.append(_Voice(dialog, rtp, self._turn, place))
        return dialog

    def close(self, timeout_s: float = 10.0) -> None:
        self._ending.set()
        self._sender.join()
        super().close(timeout_s)

    def _speak(self) -> None:
        due_at = time.monotonic()
        while not self._ending.is_set():
            for voice in list(self._voices):
                if not voice.send():
                    self._voices.remove(voice)
            due_at += FRAME_S
            time.sleep(max(0.0, due_at - time.monotonic()))


def _turn(pcm: bytes) -> list[bytes]:
    """The payloads of one turn: the question, then silence until the next."""
    spoken = PCMU.encode(pcm)
    whole = round(TURN_EVERY_S * RATE_HZ)
    padded = spoken + PCMU.silence * (whole - len(spoken))
    return [padded[at : at + FRAME_SAMPLES] for at in range(0, whole, FRAME_SAMPLES)]


def main(argv: Sequence[str] | None = None) -> int:
    """Join one after another, speak until SIGTERM, say how many are still on the line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.chorus", description=__doc__)
    parser.add_argument("--server", required=True, help="SIP server, host:port")
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--extension", default="100")
    parser.add_argument("--pace-s", type=float, default=0.2, help="between two callers")
    options = parser.parse_args(argv)
    host, _, port = options.server.rpartition(":")
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    dialogs: list[Dialog] = []
    refused = 0
    with Chorus((host, int(port)), human_speech("call-fwd-on-busy")) as chorus:
        for number in range(options.calls):
            place = round(number / options.calls * TURN_EVERY_S / FRAME_S)
            try:
                dialogs.append(chorus.join(options.extension, f"chorus-{number}", place))
            except CallRefused:
                refused += 1
            if ending.wait(options.pace_s):
                break
        print(f"joined {len(dialogs)} refused {refused}", flush=True)
        ending.wait()
        lost = sum(dialog.ended.is_set() for dialog in dialogs)
        print(f"lost {lost}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
