"""What Yandex SpeechKit accepts and refuses, for the stand-ins (protocols.md, section 1).

Written from the vendor's documentation and on purpose not shared with the product, so that
a mistake in the product's tables is refused here.
"""

import re
from typing import Literal

Kind = Literal["service", "user", "powerless"]

SERVICE_KEY = "AQVN-service-account-key"
SERVICE_IAM = "t1.service-account-token"
USER_IAM = "t1.person-token"
POWERLESS_KEY = "AQVN-key-without-the-tts-role"
USER_FOLDER = "b1g-folder-of-the-person"

ACCOUNTS: dict[tuple[str, str], Kind] = {
    ("Api-Key", SERVICE_KEY): "service",
    ("Api-Key", POWERLESS_KEY): "powerless",
    ("Bearer", SERVICE_IAM): "service",
    ("Bearer", USER_IAM): "user",
}

ROLES_V1: dict[str, frozenset[str]] = {
    "alena": frozenset({"neutral", "good"}),
    "filipp": frozenset(),
    "ermil": frozenset({"neutral", "good"}),
    "jane": frozenset({"neutral", "good", "evil"}),
    "omazh": frozenset({"neutral", "evil"}),
    "zahar": frozenset({"neutral", "good"}),
    "marina": frozenset({"neutral", "whisper", "friendly"}),
    "madi_ru": frozenset(),
    "madirus": frozenset(),
}
ROLES_V3: dict[str, frozenset[str]] = ROLES_V1 | {
    "dasha": frozenset({"neutral", "good", "friendly"}),
    "julia": frozenset({"neutral", "strict"}),
    "lera": frozenset({"neutral", "friendly"}),
    "masha": frozenset({"good", "strict", "friendly"}),
    "alexander": frozenset({"neutral", "good"}),
    "kirill": frozenset({"neutral", "strict", "good"}),
    "anton": frozenset({"neutral", "good"}),
    "saule_ru": frozenset(),
    "zamira_ru": frozenset(),
    "zhanar_ru": frozenset(),
    "yulduz_ru": frozenset(),
}
V3_CHARACTERS = 250
V3_UNSAFE_CHARACTERS = 5000
V1_CHARACTERS = 5000

_MARKUP = re.compile(r"sil<\[\d*\]>|<\[\w*\]>|\[\[.*?\]\]|\*\*|\+")

Code = Literal[
    "INVALID_ARGUMENT", "UNAUTHENTICATED", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED",
]  # fmt: skip


class Refused(Exception):
    """A request that the service answers with an error status of that gRPC name."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_account(authorization: str, folder: str | None) -> None:
    """Who asks, and whether they named a folder exactly when they must (section 1.2)."""
    if not authorization:
        raise Refused("UNAUTHENTICATED", "Authorization header is missing")
    scheme, _, secret = authorization.partition(" ")
    kind = ACCOUNTS.get((scheme, secret))
    if kind is None:
        raise Refused("UNAUTHENTICATED", f"Unknown {scheme} credential")
    if kind == "user":
        if not folder:
            raise Refused("UNAUTHENTICATED", "You have to specify folder ID for user account")
        if folder != USER_FOLDER:
            raise Refused("PERMISSION_DENIED", "Permission denied for the folder")
    elif folder:
        raise Refused(
            "PERMISSION_DENIED", "Folder ID in the request differs from the account's home folder"
        )
    if kind == "powerless":
        raise Refused("PERMISSION_DENIED", "Permission denied: ai.speechkit-tts.user is required")


def check_voice(voices: dict[str, frozenset[str]], voice: str, role: str) -> None:
    """Whether the API version knows the voice, and the voice the role (section 1.5)."""
    if voice not in voices:
        raise Refused("INVALID_ARGUMENT", f"Unsupported voice: {voice}")
    if role and role not in voices[voice]:
        raise Refused("INVALID_ARGUMENT", f"Role {role} is not supported by the voice {voice}")


def check_text(text: str, at_most: int) -> None:
    """Length, and that there is something beside markup (sections 1.3, 1.5)."""
    if not text.strip():
        raise Refused("INVALID_ARGUMENT", "Text is empty")
    if len(text) > at_most:
        raise Refused("INVALID_ARGUMENT", f"Too long text: {len(text)} > {at_most}")
    if text != (bare := _MARKUP.sub("", text)) and not bare.strip():
        raise Refused("INVALID_ARGUMENT", "Text consists of markup only")


def check_speed(speed: float) -> None:
    """Speed is 0.1…3.0 (section 1.4)."""
    if not 0.1 <= speed <= 3.0:
        raise Refused("INVALID_ARGUMENT", f"Speed {speed} is out of range [0.1; 3.0]")


def markup_in(text: str) -> list[str]:
    """The markup that the service would act upon instead of speaking it."""
    return _MARKUP.findall(text)


def has_speech(text: str) -> bool:
    """Whether anything in the text can be pronounced."""
    return any(character.isalnum() for character in _MARKUP.sub("", text))
