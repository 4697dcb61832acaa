"""Latin words, abbreviations and addresses in Cyrillic, as a Russian says them."""

import re
from typing import Final

from bot.russian.number_words import words_of

_KNOWN: Final = {
    "instron": "инстрон", "zwick": "цвик", "roell": "рёль", "shimadzu": "шимадзу",
    "metrotest": "метротест", "windows": "виндоус", "excel": "эксель", "word": "ворд",
    "linux": "линукс", "wi-fi": "вай-фай", "wifi": "вай-фай", "bluetooth": "блютус",
    "ethernet": "эзернет", "internet": "интернет", "online": "онлайн", "e-mail": "и-мейл",
    "email": "и-мейл", "whatsapp": "вотсап", "telegram": "телеграм", "viber": "вайбер",
    "iso": "исо", "din": "дин", "gost": "гост", "ok": "окей", "yandex": "яндекс",
    "google": "гугл", "gmail": "джимейл", "mail": "мейл", "www": "вэ вэ вэ", "com": "ком",
    "ru": "ру", "info": "инфо", "office": "офис", "sales": "сейлс", "support": "саппорт",
    "hrc": "аш эр цэ", "hrb": "аш эр бэ", "hra": "аш эр а", "hbw": "аш бэ", "hb": "аш бэ",
    "hv": "аш вэ",
}  # fmt: skip
_LETTERS: Final = {
    "a": "эй", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "эф", "g": "джи", "h": "эйч",
    "i": "ай", "j": "джей", "k": "кей", "l": "эл", "m": "эм", "n": "эн", "o": "оу", "p": "пи",
    "q": "кью", "r": "ар", "s": "эс", "t": "ти", "u": "ю", "v": "ви", "w": "дабл ю",
    "x": "икс", "y": "уай", "z": "зет",
}  # fmt: skip
_SOUNDS: Final = (
    ("shch", "щ"), ("sch", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"),
    ("ya", "я"), ("yu", "ю"), ("yo", "ё"), ("ye", "е"), ("ph", "ф"), ("th", "т"), ("ck", "к"),
    ("oo", "у"), ("ee", "и"), ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"), ("e", "е"),
    ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j", "дж"), ("k", "к"), ("l", "л"),
    ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"),
    ("t", "т"), ("u", "у"), ("v", "в"), ("w", "в"), ("x", "кс"), ("y", "и"), ("z", "з"),
)  # fmt: skip
_SOUND: Final = re.compile("|".join(latin for latin, _ in _SOUNDS))
_SOUND_OF: Final = dict(_SOUNDS)
_WORD: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_ROMAN: Final = re.compile(r"[IVXLC]+")
_ADDRESS: Final = re.compile(
    r"(?<![\w.-])(?:https?://)?[\w-]+(?:\.[\w-]+)*@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}"
    r"|(?<![\w.-])(?:https?://)?(?:[a-z0-9-]+\.)+(?:ru|com|org|net|рф)\b(?:/[\w/-]*)?",
    re.IGNORECASE,
)
_ADDRESS_SIGNS: Final = {
    "@": " собака ", ".": " точка ", "-": " дефис ", "_": " подчёркивание ", "/": " слэш ",
}  # fmt: skip
_ADDRESS_PART: Final = re.compile(r"[A-Za-z]+|\d{1,3}|[@._/-]|[А-Яа-яЁё]+")
_MOST_LETTERS_SPELLED: Final = 5


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
    return _KNOWN.get(part.lower()) or (_sounds(part.lower()) if part.isascii() else part)


def speak_latin(text: str, *, roman: bool) -> str:
    """Latin words in Cyrillic: known ones as usual, capitals by letters, others by sounds.

    With ``roman`` false the words that may be Roman numerals, and «°C», are left alone.
    """

    def said(match: re.Match[str]) -> str:
        word = match.group()
        is_degree = match.start() > 0 and text[match.start() - 1] == "°"
        if not roman and (is_degree or _ROMAN.fullmatch(word)):
            return word
        return _speak_word(word)

    return _WORD.sub(said, text)


def _speak_word(word: str) -> str:
    if (known := _KNOWN.get(word.lower())) is not None:
        return known
    if "-" in word:
        return " ".join(_speak_word(part) for part in word.split("-"))
    if len(word) == 1 or (word.isupper() and len(word) <= _MOST_LETTERS_SPELLED):
        return " ".join(_LETTERS[letter] for letter in word.lower())
    return _sounds(word.lower())


def _sounds(word: str) -> str:
    return _SOUND.sub(lambda match: _SOUND_OF[match.group()], word)
