"""Latin words and abbreviations in Cyrillic, as a Russian says them."""

import re
from typing import Final

from bot.russian.spoken.letters import ENGLISH, spell

_KNOWN: Final = {
    "instron": "инстрон", "zwick": "цвик", "roell": "рёль", "shimadzu": "шимадзу",
    "metrotest": "метротест", "windows": "виндоус", "excel": "эксель", "word": "ворд",
    "linux": "линукс", "wi-fi": "вай-фай", "wifi": "вай-фай", "bluetooth": "блютус",
    "ethernet": "эзернет", "internet": "интернет", "e-mail": "и-мейл",
    "email": "и-мейл", "whatsapp": "вотсап", "telegram": "телеграм", "viber": "вайбер",
    "iso": "исо", "din": "дин", "gost": "гост", "ok": "окей", "yandex": "яндекс",
    "google": "гугл", "gmail": "джимейл", "mail": "мейл", "www": "вэ вэ вэ", "com": "ком",
    "ru": "ру", "info": "инфо", "office": "офис", "sales": "сейлс", "support": "саппорт",
    "hrc": "аш эр цэ", "hrb": "аш эр бэ", "hra": "аш эр а", "hbw": "аш бэ", "hb": "аш бэ",
    "hv": "аш вэ", "astm": "а эс тэ эм", "pdf": "пэ дэ эф", "lims": "лимс", "cad": "кад",
    "en": "е эн", "sms": "эс эм эс", "vip": "вип", "json": "джейсон", "python": "питон",
    "zoom": "зум", "skype": "скайп", "android": "андроид", "iphone": "айфон",
    "siemens": "сименс", "mts": "эм тэ эс",
    "example": "экзампл", "dealer": "дилер", "service": "сервис", "sample": "сэмпл",
    "data": "дата", "hotline": "хотлайн", "site": "сайт", "online": "онлайн", "usb-c": "ю эс би си",
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
_JOINED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""«ZwickRoell»: two words in one."""
_ROMAN: Final = re.compile(r"[IVXLC]+")
_MOST_LETTERS_SPELLED: Final = 5


def speak_latin(text: str, *, roman: bool) -> str:
    """Latin words in Cyrillic: known ones as usual, capitals by letters, others by sounds.

    With ``roman`` false the words that may be Roman numerals, and «°C», are left alone.
    """

    def said(match: re.Match[str]) -> str:
        word = match.group()
        is_degree = match.start() > 0 and text[match.start() - 1] == "°"
        if not roman and (is_degree or _ROMAN.fullmatch(word)):
            return word
        return speak_word(word)

    return _WORD.sub(said, text)


def speak_word(word: str) -> str:
    """One Latin word, or several joined by hyphens or capitals, in Cyrillic."""
    if (known := _KNOWN.get(word.lower())) is not None:
        return known
    parts = [part for piece in word.split("-") for part in _JOINED.split(piece) if part]
    if len(parts) > 1:
        return " ".join(speak_word(part) for part in parts)
    if len(word) == 1 or (word.isupper() and len(word) <= _MOST_LETTERS_SPELLED):
        return spell(word.lower(), ENGLISH)
    return _SOUND.sub(lambda match: _SOUND_OF[match.group()], word.lower())
