"""Which audio leg the running Asterisk has: the best of three (protocols.md, 3.1)."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.ari import AriClient
from bot.errors import UnsupportedAsteriskError

LegKind = Literal["websocket", "audiosocket", "rtp"]

MODULES: dict[LegKind, tuple[str, ...]] = {
    "websocket": ("chan_websocket",),
    "audiosocket": ("res_audiosocket", "chan_audiosocket"),
    "rtp": ("res_rtp_asterisk", "chan_rtp"),
}
"""What must be loaded for each kind of leg, the best kind first."""

_WEBSOCKET_MINOR = {20: 18, 22: 8, 23: 2}
_AUDIOSOCKET = (18, 0)
_RTP = (16, 6)


@dataclass(frozen=True)
class MediaChoice:
    """The leg that the calls have on an Asterisk of this ``version``, and why no better one."""

    kind: LegKind
    version: str
    why: str


def speaks_json_media(version: str) -> bool:
    """Whether a release such as ``22.10.1+dfsg`` has JSON control and marks (protocols.md, 3.1).

    A version that does not say is given the benefit of the doubt.
    """
    numbers = _numbers(version)
    if numbers is None:
        return True
    major, minor = numbers
    return minor >= _WEBSOCKET_MINOR.get(major, 0) and major not in (16, 17, 18, 19, 21)


def choose_media(ari: AriClient) -> MediaChoice:
    """Ask Asterisk what it has.

    Raises :class:`bot.ari.AriError`, and :class:`bot.errors.UnsupportedAsteriskError` when it
    has nothing that we could use.
    """
    version = str(ari.info()["system"]["version"])
    lacks: list[str] = []
    for kind, modules in MODULES.items():
        lack = _lack(ari, version, kind, modules)
        if not lack:
            return MediaChoice(kind, version, "; ".join(lacks) or "the best there is")
        lacks.append(lack)
    raise UnsupportedAsteriskError(
        f"Asterisk {version} has no way for sound that the assistant can use: {'; '.join(lacks)}"
    )


def _lack(ari: AriClient, version: str, kind: LegKind, modules: tuple[str, ...]) -> str:
    """What is missing for this kind of leg; empty when nothing is."""
    if not _is_new_enough(kind, version):
        return f"{kind} needs a newer Asterisk"
    missing = [name for name in modules if not ari.has_module(f"{name}.so")]
    return f"{kind} needs {' and '.join(missing)} loaded" if missing else ""


def _is_new_enough(kind: LegKind, version: str) -> bool:
    if kind == "websocket":
        return speaks_json_media(version)
    return (_numbers(version) or _AUDIOSOCKET) >= (_AUDIOSOCKET if kind == "audiosocket" else _RTP)


def _numbers(version: str) -> tuple[int, int] | None:
    """Major and minor; ``None`` for a version built from a repository, which names neither."""
    numbers = re.match(r"(?:certified[/-])?(\d+)\.(\d+)", version)
    return (int(numbers[1]), int(numbers[2])) if numbers else None
