"""Standards, laws, models, versions and grades: names with numbers that are never declined."""

import re
from typing import Final

from bot.russian.spoken.digits import speak_code, speak_digits
from bot.russian.spoken.letters import CYRILLIC, LATIN, spell

_STANDARD: Final = re.compile(
    r"\b(ГОСТ (?:Р )?(?:ИСО|ISO|МЭК|IEC)|ГОСТ Р|ГОСТ|ОСТ|РМГ|ИСО|МЭК|DIN EN ISO|DIN EN|EN ISO"
    r"|ISO VG|ISO|IEC|ASTM|DIN|EN|ТУ)"
    r"[ -]?([A-Z]{0,2}\d+[A-Z]?(?:[.:/–-][A-Z]{0,2}\d+[A-Z]?)*)(?![А-Яа-яёA-Za-z])"
)
_STANDARD_NAMES: Final = {
    "Р": "эр", "ISO": "исо", "VG": "вэ гэ", "IEC": "мэк", "МЭК": "мэк", "EN": "е эн",
    "DIN": "дин", "ASTM": "а эс тэ эм", "ОСТ": "ост",
}  # fmt: skip
_CODE_PART: Final = re.compile(r"\d+|[A-Z]")
_MODEL: Final = re.compile(r"(?<![\w-])([А-ЯЁ]{1,5})-(\d+(?:[.,]\d+)?)(?:-([А-ЯЁ]{1,3}))?(?![\w-])")
_LATIN_MODEL: Final = re.compile(r"(?<![\w-])([A-Z]{1,4})-(\d{1,6})([A-Z]?)(?![\w-])")
_LAW: Final = re.compile(r"(?<![\w.,-])(\d+)-([А-ЯЁ]{1,4})(?![\w-])")
_GRADE: Final = re.compile(
    r"(?<![\w,.-])(?:\d+[А-ЯЁ]+\d+[А-ЯЁ\d]*|[А-ЯЁ]{1,2}\d+[А-ЯЁ]+\d*|[А-ЯЁ]\d{2,3}|\d+Х)\b"
)
"""Grades of steel and alloys: «12Х18Н10Т», «Д16Т», «40Х»."""
_IDENTIFIER: Final = re.compile(
    r"(?<![\w.,:/-])(?<!\d )(?:0\d{2,9}|\d{10,})(?![\w:/-]|[.,]\d| ?(?:руб|₽))"
)
_MIXED_GRADE: Final = re.compile(r"(?<![\w-])[А-ЯЁ]{1,2}[а-яё](?=\d{1,3}(?!\d))")
"""«Ст3», «АМг6»."""
_THREAD: Final = re.compile(r"(?<![\w-])[MМ](?=\d{1,3}(?:\D|$))")
_PROTECTION: Final = re.compile(r"\bIP ?(\d\d)\b")
_ROCKWELL_OLD: Final = re.compile(r"\bHRC[эЭ]\b")
_VERSION: Final = re.compile(r"(?<=[A-Za-z]) (\d+(?:\.\d+)+)(?![\w%°]| ?[а-яА-Я]{1,3}\b)")
_POINTED: Final = re.compile(
    r"(?<![\w.])(?P<name>верси\w+|пункт\w*|пп?\.|раздел\w*|глав\w+|приложени\w+|таблиц\w+|рисун\w+)"
    r" ?(?P<number>\d+(?:\.\d+)+)(?![\w%°])",
    re.IGNORECASE,
)
_ONE_C: Final = re.compile(r"(?<![\w.,-])1[CС]\b")
_PAPER: Final = re.compile(
    r"(?:№ ?|\b(?:договор|сч[её]т|накладн|акт|контракт|спецификаци)\w* )\d+(?:/\d+)+(?![\w/])",
    re.IGNORECASE,
)
"""The number of a contract or a bill: «договор 7/15» is no fraction."""
_BETWEEN_MODELS: Final = re.compile(r"(?<=\d)/(?=[А-ЯЁ]{2,5}-\d)")


def speak_codes(text: str) -> str:
    """«до РЭМ-100» → «до РЭМ сто», «ISO 6892-1» → «исо шесть тысяч … два, один»."""
    text = _PAPER.sub(lambda match: match[0].replace("/", " дробь "), text)
    text = _ROCKWELL_OLD.sub("HRC э", text)
    text = _STANDARD.sub(_speak_standard, _ONE_C.sub("один эс", text))
    text = _LAW.sub(lambda match: f"{speak_code(match[1])} {spell(match[2], CYRILLIC)}", text)
    text = _MODEL.sub(_speak_model, _BETWEEN_MODELS.sub(", ", text))
    text = _LATIN_MODEL.sub(_speak_latin_model, text)
    text = _IDENTIFIER.sub(lambda match: speak_digits(match[0]), text)
    text = _MIXED_GRADE.sub(lambda match: spell(match[0].upper(), CYRILLIC) + " ", text)
    text = _GRADE.sub(_speak_grade, _THREAD.sub("эм ", text))
    text = _PROTECTION.sub(lambda match: f"ай пи {speak_code(match[1])}", text)
    text = _POINTED.sub(_speak_pointed, text)
    return _VERSION.sub(lambda match: " " + speak_code(match[1]), text)


def _speak_standard(match: re.Match[str]) -> str:
    names = " ".join(_STANDARD_NAMES.get(name, name) for name in match[1].split())
    parts = ", ".join(_speak_part(part) for part in re.split(r"[.:/–-]", match[2]))
    return f"{names} {parts}"


def _speak_part(part: str) -> str:
    """«E8M» → «е восемь эм»."""
    return " ".join(
        speak_code(found) if found.isdigit() else LATIN[found.lower()]
        for found in _CODE_PART.findall(part)
    )


def _speak_pointed(match: re.Match[str]) -> str:
    """«п. 3.2» is no decimal: «пункт три точка два»."""
    return f"{match['name']} {' точка '.join(map(speak_code, match['number'].split('.')))}"


def _speak_model(match: re.Match[str]) -> str:
    variant = f" {spell(match[3], CYRILLIC)}" if match[3] else ""
    return f"{match[1]} {speak_code(match[2])}{variant}"


def _speak_latin_model(match: re.Match[str]) -> str:
    letters = spell(match[1].lower(), LATIN)
    return f"{letters} {speak_code(match[2])} {spell(match[3].lower(), LATIN)}".rstrip()


def _speak_grade(match: re.Match[str]) -> str:
    return " ".join(
        speak_code(part) if part.isdigit() else spell(part, CYRILLIC)
        for part in re.findall(r"\d+|\D+", match[0])
    )
