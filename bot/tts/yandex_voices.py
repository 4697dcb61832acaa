"""What SpeechKit's HTTP v1 can speak with (protocols.md, 1.4 and 1.5)."""

ROLES_V1: dict[str, tuple[str, ...]] = {
    "alena": ("neutral", "good"),
    "filipp": (),
    "ermil": ("neutral", "good"),
    "jane": ("neutral", "good", "evil"),
    "omazh": ("neutral", "evil"),
    "zahar": ("neutral", "good"),
    "marina": ("neutral", "whisper", "friendly"),
    "madi_ru": (),
    "madirus": (),
}
"""Voices of v1 and the roles of each."""

SLOWEST = 0.1
"""The least ``speed`` that is accepted, by v1 and v3."""

_WOMAN, _MAN = "marina", "ermil"
_INSTEAD = {
    "dasha": _WOMAN, "julia": _WOMAN, "lera": _WOMAN, "masha": _WOMAN,
    "saule_ru": _WOMAN, "zamira_ru": _WOMAN, "zhanar_ru": _WOMAN, "yulduz_ru": _WOMAN,
    "alexander": _MAN, "kirill": _MAN, "anton": _MAN,
}  # fmt: skip
"""Voices of v3 only, and a v1 voice of the same sex."""


def voice_for_v1(voice: str) -> str:
    """``voice``, or one of the same sex where v1 is known to refuse it.

    A name in neither table passes: the vendor adds voices.
    """
    return _INSTEAD.get(voice, voice)


def role_for_v1(voice: str, role: str | None) -> str | None:
    """``role`` if that v1 voice has it, else ``None``: the service refuses the others."""
    return role if role in ROLES_V1.get(voice, ()) else None


def paced(speed: float, pace: float) -> float:
    """The ``speed`` to ask for: a share of the configured one, in the form it is written in."""
    return max(SLOWEST, round(speed * pace, 3))
