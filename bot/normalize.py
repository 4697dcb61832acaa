"""Russian engineering speech → canonical units and product names, before the agent reads it.

«Есть РЭМ на тысячу килоньютон, скорость 5 миллиметров в секунду» → «Есть РЭМ на тысячу кН,
скорость 5 мм/с». A pass over the tokens has a bounded look-ahead, so the time is linear; what
is not a unit or a product's name is left exactly as it was.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from bot.russian.number_words import NUMBER_WORDS
from bot.russian.product_names import Name, read_name
from bot.russian.tokens import Tokens
from bot.russian.unit_forms import LETTER_NAMES
from bot.russian.unit_phrases import Phrase, read_unit
from bot.russian.units import Kind, Need


class _Quantity(IntEnum):
    """What stands right before a place: nothing countable, a number in words, in digits."""

    NONE = 0
    WORDS = 1
    DIGITS = 2


_MOST_PASSES: Final = 4
_SHORT_THOUSANDS: Final = frozenset({"тыс", "млн", "млрд"})
_NO_OBJECT: Final = frozenset("и или либо при на до от для без по к но ли а".split())
"""Words that cannot follow a preposition, so a «в» before them is volts."""
_ENDS: Final = frozenset(".,;:!?)»\"'\r\n-–—")
_WORDLESS: Final = frozenset({"°", "%"})
"""Units that are no words when normalised but were when said."""
_ADDRESS: Final = frozenset(
    "дом дома доме д корпус строение литера офис квартира класс школа".split()
)


@dataclass(frozen=True)
class _Done:
    """Where the last phrase put right ended, and the last name with a model («РЭМ-100»)."""

    phrase_end: int = 0
    model_end: int = 0


def normalize(text: str) -> str:
    """``text`` with units and product names in their canonical spelling.

    Numbers, punctuation, blanks and every other word stay as they are.
    ``normalize(normalize(text)) == normalize(text)``: one pass does it all but for rare
    gibberish whose neighbour became a unit, so passes are made until one changes nothing.
    """
    for _ in range(_MOST_PASSES):
        settled = _pass_over(text)
        if settled == text:
            break
        text = settled
    return text


def _pass_over(text: str) -> str:
    tokens = Tokens.of(text)
    out: list[str] = []
    at = 0
    done = _Done()
    while at < len(tokens):
        name = read_name(tokens, at)
        if name is not None and _is_whole(tokens, name, done):
            out.append(name.symbol)
            at = name.end
            done = _Done(at, at if name.has_model else done.model_end)
            continue
        unit = read_unit(tokens, at)
        if unit is not None and _is_unit_here(tokens, unit, done):
            out.append(unit.symbol)
            at = unit.end
            done = replace(done, phrase_end=at)
            continue
        out.append(tokens.text(at))
        at += 1
    return "".join(out)


def _is_unit_here(tokens: Tokens, unit: Phrase, done: _Done) -> bool:
    """Whether the words around let ``unit`` be one."""
    if not _is_whole(tokens, unit, done):
        return False
    if unit.need is Need.NOTHING:
        return True
    if unit.need is Need.PARTNER or _asks_to_wait(tokens, unit):
        return False
    quantity = _quantity_before(tokens, unit, done.model_end)
    if unit.need is Need.NUMBER:
        return quantity is not _Quantity.NONE
    if unit.need is Need.LAST:
        is_letter = len(tokens.text(unit.start)) == 1
        least = _Quantity.DIGITS if is_letter else _Quantity.WORDS
        return quantity >= least and _nothing_governed(tokens, unit)
    return quantity is _Quantity.DIGITS


def _quantity_before(tokens: Tokens, unit: Phrase, model_end: int) -> _Quantity:
    at = unit.start - 1
    if tokens.is_hyphen(at):  # «100-кН», but no «5-а»
        at = at - 1 if tokens.is_number(at - 1) and unit.need is Need.NUMBER else -1
    elif tokens.is_gap(at):
        at -= 1
    if at < model_end:
        return _Quantity.NONE
    if tokens.is_number(at):  # «А4» is a name
        return _Quantity.NONE if tokens.is_word(at - 1) else _Quantity.DIGITS
    if tokens.text(at) == "." and tokens.lower(at - 1) in _SHORT_THOUSANDS:
        return _Quantity.WORDS
    is_counted = at < unit.start - 1 and tokens.lower(at) in NUMBER_WORDS
    return _Quantity.WORDS if is_counted else _Quantity.NONE


def _asks_to_wait(tokens: Tokens, unit: Phrase) -> bool:
    """«Одну минуту!» is said for any while, so it is no measure."""
    is_idiom = unit.kind is Kind.TIME and tokens.lower(unit.start) in ("секунду", "минуту")
    return is_idiom and tokens.lower(unit.start - 2) == "одну"


def _nothing_governed(tokens: Tokens, unit: Phrase) -> bool:
    """Whether the letter after a number cannot be a preposition or a house's letter."""
    number = unit.start - 2 if tokens.is_gap(unit.start - 1) else unit.start - 1
    before = number - 2 if tokens.is_gap(number - 1) else number - 1
    if tokens.lower(before) in _ADDRESS:
        return False
    after = tokens.skip_gap(unit.end)
    if tokens.text(unit.end) == "." and tokens.is_word(unit.end + 1):
        return False  # «5 в.ч.»
    following = tokens.lower(after)
    return not following or following in _ENDS or following in _NO_OBJECT


def _is_whole(tokens: Tokens, phrase: Phrase | Name, done: _Done) -> bool:
    """Whether the phrase is not a part of a longer word, an address or an abbreviation."""
    if phrase.spelled and _is_spelled_on(tokens, phrase, done):
        return False
    return _is_cut_before(tokens, phrase) and _is_cut_after(tokens, phrase.end)


def _is_spelled_on(tokens: Tokens, phrase: Phrase | Name, done: _Done) -> bool:
    """Whether the letters are some of another abbreviation's («цэ-эр-эм»).

    A neighbouring letter that belongs to a phrase of its own does not count: it is a letter
    no more when the text is normalised again.
    """
    before, after = phrase.start - 2, phrase.end + 1
    if tokens.lower(before) in LETTER_NAMES and done.phrase_end <= before:
        return True
    starts_another = read_unit(tokens, after) or read_name(tokens, after)
    return tokens.lower(after) in LETTER_NAMES and starts_another is None


def _is_cut_before(tokens: Tokens, phrase: Phrase | Name) -> bool:
    start = phrase.start
    before, one_more = tokens.text(start - 1), tokens.text(start - 2)
    follows_word = tokens.is_word(start - 2) or one_more in ("²", "³", "%")
    if before in ("@", "_", "²", "³"):
        return False
    if tokens.is_number(start - 1):  # «м2градусов»
        return isinstance(phrase, Phrase) and not (follows_word or one_more == "^")
    if before in ("·", "/"):  # the last of «мН/мм в секунду» makes no unit of its own
        return phrase.symbol.isalpha() or not follows_word
    return not (follows_word and (before == "." or tokens.is_hyphen(start - 1)))


def _is_cut_after(tokens: Tokens, end: int) -> bool:
    after = tokens.text(end)
    if tokens.is_number(end) or after in ("@", "_"):
        return False
    if after == "." and tokens.is_word(end + 1):
        return not tokens.text(end + 1)[0].isascii()
    goes_on = tokens.is_word(end + 1) or tokens.text(end + 1) in _WORDLESS
    return not (tokens.is_hyphen(end) and goes_on)
