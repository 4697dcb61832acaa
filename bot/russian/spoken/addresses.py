"""E-mail and web addresses, sign by sign."""

import re
from typing import Final

from bot.russian.number_words import words_of
from bot.russian.spoken.latin import speak_word

_ADDRESS: Final = re.compile(
    r"(?<![\w.-])[\w-]+(?:\.[\w-]+)*@[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,}|рф)"
    r"|(?<![\w.-])(?:https?://|www\.)(?:[\w-]+\.)+(?:[a-z]{2,}|рф)\b(?:/[\w/-]*)?"
    r"|(?<![\w.-])(?:[a-zа-яё0-9-]+\.)+(?:ru|su|com|org|net|info|рф)\b(?:/[\w/-]*)?",
    re.IGNORECASE,
)
_ADDRESS_SIGNS: Final = {
    "@": " собака ", ".": " точка ", "-": " дефис ", "_": " подчёркивание ", "/": " слэш ",
}  # fmt: skip
_ADDRESS_PART: Final = re.compile(r"[A-Za-z]+|\d{1,3}|[@._/-]|[А-Яа-яЁё]+")


def speak_addresses(text: str) -> str:
    """Addresses in words: «info@metrotest.ru» → «инфо собака метротест точка ру»."""
    return _ADDRESS.sub(lambda match: _speak_address(match.group()), text)


def _speak_address(address: str) -> str:
    bare = re.sub(r"^https?://(?:www\.)?", "", address, flags=re.IGNORECASE).rstrip("/")
    parts = _ADDRESS_PART.findall(bare)
    return " ".join("".join(f" {_speak_address_part(part)} " for part in parts).split())


def _speak_address_part(part: str) -> str:
    if part in _ADDRESS_SIGNS:
        return _ADDRESS_SIGNS[part]
    if part.isdigit():
        return words_of(int(part))
    return speak_word(part.lower()) if part.isascii() else part
