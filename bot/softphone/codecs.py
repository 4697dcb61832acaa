"""What a telephone can offer to send sound in, and what this one really can."""

from typing import Final, Literal, Protocol

from bot.softphone.g711 import codec as g711
from bot.softphone.wideband import Wideband

Format = Literal["PCMU", "PCMA", "L16", "GSM", "opus"]
FORMATS: Final[dict[Format, tuple[int, str]]] = {
    "PCMU": (0, "PCMU/8000"),
    "PCMA": (8, "PCMA/8000"),
    "L16": (118, "L16/16000"),
    "GSM": (3, "GSM/8000"),
    "opus": (107, "opus/48000/2"),
}
"""Payload type and name of each in a session description (RFC 3551; 107 and 118 are dynamic)."""


class Codec(Protocol):
    """Between s16le at 8000 Hz and the payload of 20 ms packets."""

    @property
    def payload_type(self) -> int:
        """The type in the packets' headers."""
        ...

    @property
    def silence(self) -> bytes:
        """The byte of which a silent payload consists."""
        ...

    @property
    def frame_ticks(self) -> int:
        """By how much the timestamp goes on in 20 ms."""
        ...

    @property
    def frame_bytes(self) -> int:
        """The length of a whole payload."""
        ...

    def encode(self, pcm: bytes) -> bytes:
        """The payload for s16le samples."""
        ...

    def decode(self, payload: bytes) -> bytes:
        """The s16le samples of a payload."""
        ...

    def level_dbfs(self, payload: bytes) -> float:
        """RMS level of a payload in dB below full scale."""
        ...


def codec(payload_type: int) -> Codec | None:
    """What sends and reads packets of this type; ``None`` for what this telephone cannot."""
    return _CODECS.get(payload_type)


_CODECS: Final[dict[int, Codec]] = {0: g711("PCMU"), 8: g711("PCMA"), 118: Wideband()}
