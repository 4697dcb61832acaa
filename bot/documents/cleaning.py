"""Text as it is typed: without what a page needs and a listener does not."""

import re
import unicodedata

_BLANKS = re.compile(r"[^\S\n]+")
_BROKEN_LINE = re.compile(r" *\n[ \n]*")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""Soft hyphens, joiners, marks of direction and of variant: they take no place on paper."""

_WINGDINGS = str.maketrans(dict.fromkeys("\uf0a7\uf0b7\uf0d8\uf0fc", "•"))
"""Bullets of Word's lists: private characters, drawn by one font only."""

_LIGATURE = re.compile(r"[\ufb00-\ufb06]")


def clean(text: str) -> str:
    """One form for each letter, plain blanks, no control or private-use characters.

    Letters and accents that were stored apart are joined (``и`` and breve are ``й``): PDF files
    made on a Mac have them so. Line ends are kept, without blanks around them.
    """
    text = text.translate(_WINGDINGS)
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    text = "".join(" " if _unsayable(char) else char for char in unicodedata.normalize("NFC", text))
    return _BROKEN_LINE.sub("\n", _BLANKS.sub(" ", text)).strip()


def _unsayable(char: str) -> bool:
    return char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
