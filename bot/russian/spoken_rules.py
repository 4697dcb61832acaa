"""Our own rules for saying what ru-normalizr reads wrongly; each turns a text into a text.

Joined units, clock times, telephone numbers, models, standards, ranges and abbreviations.
"""

import re
from typing import Final

from bot.russian.number_words import counted, words_of

_NUMBER = r"(?<!\d)\d+(?:[.,]\d+)?"
_PHONE: Final = re.compile(r"(?<![\d+])(?:\+7|8)[ -]?\(?\d{3,5}\)?(?:[ -]?\d{1,3}){2,4}(?!\d)")
_PHONE_DIGITS: Final = 11
_CLOCK: Final = re.compile(
    r"\b(?:(с|до|от|после|к) )?([01]?\d|2[0-3])[:.]([0-5]\d)\b(?![.,]?\d)", re.I
)
_CLOCK_RANGE: Final = re.compile(r"(?<!с )\b(\d{1,2}:\d\d)\s?[-–—]\s?(\d{1,2}:\d\d)\b")
_RANGE: Final = re.compile(
    rf"(?<![\w.,:-])((?:[А-Яа-яё]+ )?)({_NUMBER})\s?[-–—]\s?({_NUMBER})(?![\w:-]|[.,]\d)"
)
_PAUSE: Final = re.compile(r"(?<=[^\s\d]) [-–—] | [-–—] (?=\D)")
_PREPOSITIONS: Final = frozenset(
    "в во на за через от до с со по к о об около без для из у при под над между свыше после".split()
)
_TWO_VOLTAGES: Final = re.compile(r"\b(\d{2,3})/(\d{3}) ?(?=В\b)")
_STANDARD: Final = re.compile(
    r"\b(ГОСТ Р ИСО|ГОСТ ISO|ГОСТ Р|ГОСТ|ИСО|ISO|ASTM|DIN|EN|ТУ) ?([A-Z]?)(\d[\d.-]*\d|\d)"
)
_MODEL: Final = re.compile(rf"\b([А-ЯЁ]{{1,5}})-({_NUMBER})(?![\d-])")
_LAW: Final = re.compile(r"(?<![\w.,-])(\d+)-([А-ЯЁ]{2,})\b")
_ONE_S: Final = re.compile(r"(?<![\w.,-])1[CС]\b")
_CAPITALS: Final = re.compile(r"(?<![А-Яа-яЁё])[А-ЯЁ]{2,}(?![А-Яа-яЁё])")
_UNIT_SYMBOLS: Final = frozenset({"МН", "ГН", "ВА"})

_PER: Final = {
    "мин": "в минуту", "сек": "в секунду", "с": "в секунду", "ч": "в час",
    "мм²": "на квадратный миллиметр", "см²": "на квадратный сантиметр", "м²": "на квадратный метр",
    "см³": "на кубический сантиметр", "м³": "на кубический метр", "мм": "на миллиметр",
    "см": "на сантиметр", "м": "на метр", "В": "на вольт",
}  # fmt: skip
_PER_UNIT: Final = re.compile(
    r"(?<=[А-Яа-яA-Za-z%²³])/(" + "|".join(_PER) + r")(?![А-Яа-яёA-Za-z²³])"
)
_COUNTED: Final = {
    "об": ("оборот", "оборота", "оборотов"),
    "кгс": ("килограмм-сила", "килограмм-силы", "килограмм-сил"),
    "тс": ("тонна-сила", "тонны-силы", "тонн-силы"),
    "гс": ("грамм-сила", "грамм-силы", "грамм-сил"),
    "мВ": ("милливольт", "милливольта", "милливольт"),
    "мН": ("миллиньютон", "миллиньютона", "миллиньютонов"),
    "кВА": ("киловольт-ампер", "киловольт-ампера", "киловольт-ампер"),
    "кВт·ч": ("киловатт-час", "киловатт-часа", "киловатт-часов"),
    "кН·м": ("килоньютон-метр", "килоньютон-метра", "килоньютон-метров"),
    "В": ("вольт", "вольта", "вольт"),
}  # fmt: skip
_COUNTED_UNIT: Final = re.compile(
    rf"({_NUMBER}) ?({'|'.join(sorted(_COUNTED, key=len, reverse=True))})(?![А-Яа-яёA-Za-z·/²³])"
)
_SECONDS: Final = re.compile(rf"({_NUMBER}) ?с(?=[.,;!?)]|$)")
"""«5 с половиной» is no time."""
_UNCOUNTED: Final = {
    "кН": ("килоньютонах", "килоньютонов"), "МПа": ("мегапаскалях", "мегапаскалей"),
    "ГПа": ("гигапаскалях", "гигапаскалей"), "мм": ("миллиметрах", "миллиметров"),
    "Гц": ("герцах", "герц"), "кВт": ("киловаттах", "киловатт"), "об": ("оборотах", "оборотов"),
    "кгс": ("килограмм-силах", "килограмм-сил"), "мкм": ("микрометрах", "микрометров"),
}  # fmt: skip
_UNCOUNTED_UNIT: Final = re.compile(
    rf"(?<![А-Яа-яё\d])(?<!\d )([Вв] )?({'|'.join(_UNCOUNTED)})(?![А-Яа-яё·/²³])"
)
_TIMES: Final = re.compile(r"(?<=\d) ?[×xх*] ?(?=\d)")
_LATIN_UNIT: Final = {
    "kN": "кН", "MPa": "МПа", "mm": "мм", "Hz": "Гц", "kW": "кВт", "kg": "кг", "V": "В", "N": "Н",
}  # fmt: skip
_LATIN_UNIT_USED: Final = re.compile(rf"(?<=\d) ?({'|'.join(_LATIN_UNIT)})(?=/min|/s|[^A-Za-z]|$)")

_LETTERS: Final = {
    "А": "а", "Б": "бэ", "В": "вэ", "Г": "гэ", "Д": "дэ", "Е": "е", "Ё": "ё", "Ж": "жэ",
    "З": "зэ", "И": "и", "Й": "и", "К": "ка", "Л": "эл", "М": "эм", "Н": "эн", "О": "о",
    "П": "пэ", "Р": "эр", "С": "эс", "Т": "тэ", "У": "у", "Ф": "эф", "Х": "ха", "Ц": "цэ",
    "Ч": "че", "Ш": "ша", "Щ": "ща", "Э": "э", "Ю": "ю", "Я": "я",
}  # fmt: skip
_SINGLE: Final = re.compile(r"(?<![А-Яа-яЁё-])[БГДЖЗЛМНПРТФХЦЧШЩЭ](?![А-Яа-яЁё-])")
_SPELLED: Final = frozenset("ООО АО ПАО ИП ПО ТУ КП ТО ИНН КПП ФГИС ЭДО ОТК СИ ТЗ".split())


def speak_phones(text: str) -> str:
    """Telephone numbers by their groups: «+7 (34783) 3-65-11» → «плюс семь, тридцать четыре …»."""
    return _PHONE.sub(_speak_phone, text)


def _speak_phone(match: re.Match[str]) -> str:
    groups: list[str] = re.findall(r"\d+", match.group())
    if sum(map(len, groups)) != _PHONE_DIGITS:
        return match.group()
    if len(groups) == 1:
        digits = groups[0]
        groups = [digits[0], digits[1:4], digits[4:7], digits[7:9], digits[9:]]
    plus = "плюс " if match.group().startswith("+") else ""
    return plus + ", ".join(_speak_digits(group) for group in groups)


def _speak_digits(group: str) -> str:
    """A group in parts of two or three digits, each as a number; leading noughts one by one."""
    if len(group) > 3:
        return f"{_speak_digits(group[:2])} {_speak_digits(group[2:])}"
    noughts = len(group) - len(group.lstrip("0"))
    words = ["ноль"] * noughts
    return " ".join([*words, words_of(int(group))] if noughts < len(group) else words)


def speak_clock(text: str) -> str:
    """Clock times in hours and minutes: «с 9:00 до 18:30» → «с 9 часов до 18 часов 30 минут»."""
    return _CLOCK.sub(_speak_time, _CLOCK_RANGE.sub(r"с \1 до \2", text))


def _speak_time(match: re.Match[str]) -> str:
    preposition, hours, minutes = match.group(1) or "", match.group(2), match.group(3)
    if ":" not in match.group() and (not preposition or len(hours) < 2):
        return match.group()  # «с 1.50» is rather a number
    hours, minutes = str(int(hours)), str(int(minutes))
    if preposition.lower() == "к":
        said = f"{hours} {counted(hours, 'часу', 'часам', 'часам')}"
    elif preposition:
        said = f"{hours} {counted(hours, 'часа', 'часов', 'часов')}"
    else:
        said = f"{hours} {counted(hours, 'час', 'часа', 'часов')}"
    if minutes != "0":
        said += f" {minutes} {counted(minutes, 'минута', 'минуты', 'минут')}"
    return f"{preposition} {said}".strip()


def speak_units(text: str) -> str:
    """Joined and rare units in words: «0,5 мм/мин» → «0,5 мм в минуту»."""
    text = _LATIN_UNIT_USED.sub(lambda match: " " + _LATIN_UNIT[match.group(1)], text)
    text = text.replace("/min", "/мин").replace("мм/s", "мм/с")
    text = _TIMES.sub(" на ", text)
    text = _PER_UNIT.sub(lambda match: " " + _PER[match.group(1)], text)
    text = _TWO_VOLTAGES.sub(r"\1 и \2 ", text)
    text = _SECONDS.sub(
        lambda match: f"{match[1]} {counted(match[1], 'секунда', 'секунды', 'секунд')}", text
    )
    text = _COUNTED_UNIT.sub(
        lambda match: f"{match[1]} {counted(match[1], *_COUNTED[match[2]])}", text
    )
    return _UNCOUNTED_UNIT.sub(_speak_uncounted, text)


def _speak_uncounted(match: re.Match[str]) -> str:
    """«В кН», «МПа» with no number before it."""
    preposition, symbol = match.group(1) or "", match.group(2)
    return preposition + _UNCOUNTED[symbol][0 if preposition else 1]


def speak_codes(text: str) -> str:
    """Standards and models with their numbers in the nominative: «до РЭМ-100» → «до рэм сто»."""
    text = _ONE_S.sub("один эс", _STANDARD.sub(_speak_standard, text))
    text = _LAW.sub(lambda match: f"{_speak_number(match[1])} {match[2]}", text)
    return _MODEL.sub(_speak_model, text)


def _speak_standard(match: re.Match[str]) -> str:
    name, letter, number = match.groups()
    parts = ", ".join(_speak_number(part) for part in re.split(r"[.-]+", number))
    return " ".join(part for part in (name, letter, parts) if part).replace(" Р ", " эр ")


def _speak_model(match: re.Match[str]) -> str:
    return f"{match.group(1)} {_speak_number(match.group(2))}"


def _speak_number(number: str) -> str:
    parts = re.split("[.,]", number)
    return " ".join(words_of(int(p)) if len(p) <= 6 else _speak_digits(p) for p in parts)


def speak_ranges(text: str) -> str:
    """«40–60 дней» → «от 40 до 60 дней», unless a preposition already governs the range.

    Any other dash between blanks is a pause.
    """
    return _PAUSE.sub(", ", _RANGE.sub(_speak_range, text))


def _speak_range(match: re.Match[str]) -> str:
    before, low, high = match.groups()
    if before.strip().lower() in _PREPOSITIONS:
        return f"{before}{low} - {high}"
    return f"{before}от {low} до {high}"


def speak_single_letters(text: str) -> str:
    """Capitals that are no words of their own, by name: «М десять» → «эм десять»."""
    return _SINGLE.sub(lambda match: _LETTERS[match.group()], text)


def speak_abbreviations(text: str) -> str:
    """Words in capitals: by letters when they cannot be read («НДС»), else as words («ГОСТ»)."""
    return _CAPITALS.sub(_speak_capitals, text)


def _speak_capitals(match: re.Match[str]) -> str:
    word = match.group()
    if word in _UNIT_SYMBOLS:
        return word
    if word in _SPELLED or not re.search("[АЕЁИОУЫЭЮЯ]", word):
        return " ".join(_LETTERS.get(letter, "") for letter in word)
    return word.lower()
