"""Letters by their names: Cyrillic ones, and Latin ones as Russian engineers or programmers do."""

from typing import Final

CYRILLIC: Final = {
    "А": "а", "Б": "бэ", "В": "вэ", "Г": "гэ", "Д": "дэ", "Е": "е", "Ё": "ё", "Ж": "жэ",
    "З": "зэ", "И": "и", "Й": "и", "К": "ка", "Л": "эл", "М": "эм", "Н": "эн", "О": "о",
    "П": "пэ", "Р": "эр", "С": "эс", "Т": "тэ", "У": "у", "Ф": "эф", "Х": "ха", "Ц": "цэ",
    "Ч": "че", "Ш": "ша", "Щ": "ща", "Ъ": "", "Ы": "ы", "Ь": "", "Э": "э", "Ю": "ю", "Я": "я",
}  # fmt: skip
ENGLISH: Final = {
    "a": "эй", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "эф", "g": "джи", "h": "эйч",
    "i": "ай", "j": "джей", "k": "кей", "l": "эл", "m": "эм", "n": "эн", "o": "оу", "p": "пи",
    "q": "кью", "r": "ар", "s": "эс", "t": "ти", "u": "ю", "v": "ви", "w": "дабл ю",
    "x": "икс", "y": "уай", "z": "зет",
}  # fmt: skip
LATIN: Final = {
    "a": "а", "b": "бэ", "c": "цэ", "d": "дэ", "e": "е", "f": "эф", "g": "гэ", "h": "аш",
    "i": "и", "j": "жи", "k": "ка", "l": "эль", "m": "эм", "n": "эн", "o": "о", "p": "пэ",
    "q": "ку", "r": "эр", "s": "эс", "t": "тэ", "u": "у", "v": "вэ", "w": "дубль вэ",
    "x": "икс", "y": "игрек", "z": "зэт",
}  # fmt: skip
"""As letters are named in mathematics and standards: «E8» is «е восемь», «HRC» «аш эр цэ»."""


def spell(word: str, names: dict[str, str]) -> str:
    """``word`` letter by letter; a letter without a name is left out."""
    return " ".join(filter(None, (names.get(letter, "") for letter in word)))
