"""Where a spoken sentence ends: in a stream of pieces and in a finished text. Pure."""

import re

MAX_CHARS = 180
"""A sentence is cut here when the model forgot the ``|`` that ends it."""
EARLY_CHARS = 40
"""A text this long that ends like a sentence is spoken without waiting for the ``|``."""
_CLAUSE_CHARS = 60
"""A clause shorter than this is not worth a breath of its own."""

_ABBREVIATIONS = (
    "вкл выкл гл гор гос гр доб доп др зав зам изм им инж исп кв корп куб макс мин млн млрд "
    "наб наим напр обл обр оз отд пер пл пом пос пр прим просп разд рег рис руб сек см соотв "
    "спец ст стр табл таб тел техн тыс ул усл факс чел шт экз эл"
)
_ABBREVIATION_SET = frozenset(_ABBREVIATIONS.split())
_LAST_WORD = re.compile(r"(\d\s?|/)?([^\W\d_]+)\.$")
_SPOKEN = re.compile(r"[^\W_]")
_CLOSERS = "»”\"')]"


class SentenceCutter:
    """Cuts streamed text into sentences that can be spoken at once.

    A sentence ends at ``|`` (which never comes out), at :data:`MAX_CHARS`, or where the text
    plainly ends like one. The result does not depend on how the stream was torn into pieces.
    Runs of white space come out as one space; what holds no letter or digit is dropped.
    """

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that ``piece`` completes."""
        done: list[str] = []
        for char in piece:
            self._take(char, done)
        return [sentence for sentence in done if _SPOKEN.search(sentence)]

    def flush(self) -> list[str]:
        """The rest, when the stream has ended."""
        rest, self._text = self._text.strip(), ""
        return [rest] if _SPOKEN.search(rest) else []

    def _take(self, char: str, done: list[str]) -> None:
        if char == "|":
            done.append(self._text.strip())
            self._text = ""
            return
        if char.isspace():
            if self._text and not self._text.endswith(" "):
                self._text += " "
            return
        self._text += char
        self._cut_early(done)
        self._cut_long(done)

    def _cut_early(self, done: list[str]) -> None:
        """A new word has begun: was what stands before it a sentence?"""
        if len(self._text) < EARLY_CHARS + 2 or self._text[-2] != " ":
            return
        before, first_char = self._text[:-2], self._text[-1]
        if _ends_sentence(before, first_char) and not before.rstrip(_CLOSERS + ".")[-1:].isdigit():
            done.append(before)
            self._text = first_char

    def _cut_long(self, done: list[str]) -> None:
        if len(self._text) <= MAX_CHARS:
            return
        place = _place_to_cut(self._text)
        if place is not None:
            done.append(self._text[:place].rstrip())
            self._text = self._text[place:].lstrip()


def cut_sentences(text: str) -> list[str]:
    """The sentences of a text that is complete already, as the cutter would speak them."""
    cutter = SentenceCutter()
    return cutter.feed(text) + cutter.flush()


def _ends_sentence(before: str, next_char: str) -> bool:
    """Whether ``before`` is a whole sentence, given the first character of the next word."""
    core = before.rstrip(_CLOSERS)
    if not core or core[-1] not in ".!?…" or next_char.islower():
        return False
    if core.endswith(("!", "?", "…", "...")):
        return True
    if core[-2:-1].isdigit() and next_char.isdigit():
        return False
    return not _is_abbreviation(core)


def _is_abbreviation(core: str) -> bool:
    """«г.», «т. е.», «ул.», «И. И.»: a full stop that does not end the sentence.

    After a number or a slash the same letters are a unit («220 В.», «5 мм/мин.»), which can.
    """
    match = _LAST_WORD.search(core)
    if match is None or match.group(1):
        return False
    word = match.group(2)
    return len(word) == 1 or word.lower() in _ABBREVIATION_SET


def _place_to_cut(text: str) -> int | None:
    """Where to cut a text that is too long: an index of a space in it, ``None`` to wait.

    The last sentence or clause that is worth it, else the last space that does not part a
    number («10 000») or a number and its unit, else any space outside a number; the first one
    after the limit when there is none before it.
    """
    every_space = [at for at, char in enumerate(text) if char == " "]
    spaces = [at for at in every_space if at <= MAX_CHARS]
    clauses = [at for at in spaces if at >= _CLAUSE_CHARS and _ends_clause(text, at)]
    outside_units = [at for at in spaces if not text[at - 1].isdigit()]
    outside_numbers = [at for at in spaces if not _inside_number(text, at)]
    for places in (clauses, outside_units, outside_numbers):
        if places:
            return places[-1]
    return next((at for at in every_space if not _inside_number(text, at)), None)


def _ends_clause(text: str, at: int) -> bool:
    before, after = text[:at], text[at + 1 : at + 2]
    if before[-1] == ".":
        return not _is_abbreviation(before) and not after.islower()
    return before[-1] in ",;:!?…—–)»"


def _inside_number(text: str, at: int) -> bool:
    return text[at - 1].isdigit() and text[at + 1 : at + 2].isdigit()
