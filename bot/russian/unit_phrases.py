"""Reading a unit at a place in the text: simple («кило ньютонов») or joined («метров в секунду»).

Purely by form; whether the phrase is a unit *here* is for :mod:`bot.normalize` to judge. Every
spelling of a part is read alike, so a text already normalised reads the same again.
"""

from dataclasses import dataclass, replace
from typing import Final

from bot.russian.tokens import HYPHENS, Tokens
from bot.russian.unit_forms import MOST_WORDS, find_form
from bot.russian.units import Kind, Need


@dataclass(frozen=True)
class Phrase:
    """A unit read from tokens ``start`` … ``end`` (the end excluded)."""

    symbol: str
    kind: Kind
    need: Need
    start: int
    end: int
    spelled: bool = False
    """Said letter by letter."""


def _adjective(stem: str, endings: str) -> frozenset[str]:
    return frozenset(stem + ending for ending in endings.split())


_SQUARE: Final = _adjective("квадратн", "ый ого ому ым ом ые ых ыми") | {"кв"}
_CUBIC: Final = _adjective("кубическ", "ий ого ому им ом ие их ими") | {"куб"}
_POWERS: Final = {"2": "²", "²": "²", "3": "³", "³": "³"}
_FORCE_WORDS: Final = frozenset("сила силы силе силу силой сил".split())
_FORCE_OF_MASS: Final = {"г": "гс", "кг": "кгс", "т": "тс"}

_PER_TIME: Final = frozenset("секунду сек минуту мин час".split())
"""What may follow «в» in a rate."""
_PER_SPACE: Final = frozenset(
    "метр сантиметр миллиметр микрометр санти милли см мм м "
    "квадратный кубический кв куб кубометр литр".split()
)
"""What may follow «на» in a load per length or area."""
_RATED: Final = frozenset(
    {Kind.LENGTH, Kind.FORCE, Kind.PRESSURE, Kind.TEMPERATURE, Kind.TURNS}
    | {Kind.VOLUME, Kind.MASS, Kind.SHARE}
)
_LOADS: Final = frozenset({Kind.FORCE, Kind.MASS, Kind.ENERGY})
_SPACES: Final = frozenset({Kind.LENGTH, Kind.AREA, Kind.VOLUME})
_METRE_WORDS: Final = frozenset("метр метра метру метром метре метры метров метрам метрах".split())


def read_unit(tokens: Tokens, start: int) -> Phrase | None:
    """The longest unit whose first token is ``start``; ``None`` when there is none."""
    simple = _read_simple(tokens, start)
    if simple is None:
        return None
    return (
        _read_product(tokens, simple)
        or _read_written_ratio(tokens, simple)
        or _read_rate(tokens, simple)
        or _read_load(tokens, simple)
        or simple
    )


def _read_simple(tokens: Tokens, start: int) -> Phrase | None:
    if tokens.text(start) in ("°", "℃"):
        return _read_degree_sign(tokens, start)
    if not tokens.is_word(start):
        return None
    power = _power_of(tokens, start)
    if power:
        return _read_power_first(tokens, start, power)
    found = _read_form(tokens, start)
    if found is None:
        return None
    return _with_force(tokens, found) or _with_power(tokens, found) or found


def _read_degree_sign(tokens: Tokens, start: int) -> Phrase | None:
    end = start + 1
    if tokens.text(start) == "°":
        end = tokens.skip_gap(end) + 1
        if tokens.lower(end - 1) not in ("c", "с"):
            return None
    return Phrase("°C", Kind.TEMPERATURE, Need.NOTHING, start, end)


def _read_form(tokens: Tokens, start: int) -> Phrase | None:
    """The longest entry of the table that the words from ``start`` spell."""
    words = [tokens.text(start)]
    ends = [start + 1]
    while len(words) < MOST_WORDS and (at := tokens.next_in_phrase(ends[-1])) is not None:
        words.append(tokens.text(at))
        ends.append(at + 1)
    for count in range(len(words), 0, -1):
        joints = [tokens.text(end) for end in ends[: count - 1]]
        hyphenated = bool(joints) and HYPHENS.issuperset(joints)
        form = find_form(tuple(words[:count]), hyphenated=hyphenated)
        if form is None or (form.symbol == "°C" and words[count - 1] in ("с", "c")):
            continue  # «20 градусов с понижением» is no scale; «20 градусов С» is
        end = ends[count - 1]
        return Phrase(form.symbol, form.kind, form.need, start, end, form.spelled)
    return None


def _with_force(tokens: Tokens, mass: Phrase) -> Phrase | None:
    """«тонн силы», «килограмм-сила»: a force named by a mass."""
    at = tokens.next_in_phrase(mass.end)
    symbol = _FORCE_OF_MASS.get(mass.symbol)
    if at is None or symbol is None or tokens.lower(at) not in _FORCE_WORDS:
        return None
    need = Need.NOTHING if tokens.is_hyphen(mass.end) else mass.need
    return replace(mass, symbol=symbol, kind=Kind.FORCE, need=need, end=at + 1)


def _power_of(tokens: Tokens, at: int) -> str:
    if tokens.lower(at) in _SQUARE and tokens.text(at) != "кВ":
        return "²"
    return "³" if tokens.lower(at) in _CUBIC else ""


def _raised(length: Phrase, power: str, *, start: int, end: int) -> Phrase:
    kind = Kind.AREA if power == "²" else Kind.VOLUME
    need = min(length.need, Need.NUMBER) if length.need is not Need.PARTNER else length.need
    return replace(length, symbol=length.symbol + power, kind=kind, need=need, start=start, end=end)


def _read_power_first(tokens: Tokens, start: int, power: str) -> Phrase | None:
    """«квадратных миллиметров», «кв. м»; otherwise the word itself («380 кв»)."""
    at = start + 1
    if tokens.lower(start) in ("кв", "куб") and tokens.text(at) == ".":
        at += 1
    length = _read_form(tokens, tokens.skip_gap(at))
    if length is not None and length.kind is Kind.LENGTH:
        return _raised(length, power, start=start, end=length.end)
    return _read_form(tokens, start)


def _with_power(tokens: Tokens, length: Phrase) -> Phrase | None:
    """«м2», «мм²», «метров квадратных», «м кв.» (its full stop is left to the sentence)."""
    if length.kind is not Kind.LENGTH:
        return None
    at = length.end
    if tokens.text(at) == "^":
        at += 1
    if (sign := _POWERS.get(tokens.text(at))) and not tokens.is_word(at + 1):
        return _raised(length, sign, start=length.start, end=at + 1)
    following = tokens.next_in_phrase(length.end)
    if following is not None and (power := _power_of(tokens, following)):
        return _raised(length, power, start=length.start, end=following + 1)
    return None


def _read_product(tokens: Tokens, first: Phrase) -> Phrase | None:
    """«ньютон-метр», «Н*м», «киловатт-часов»."""
    wanted = {Kind.FORCE: Kind.LENGTH, Kind.POWER: Kind.TIME}.get(first.kind)
    if wanted is None:
        return None
    at = first.end + 1
    by_sign = tokens.text(first.end) in ("·", "*", "⋅") or tokens.is_hyphen(first.end)
    if not by_sign and not (tokens.is_gap(first.end) and tokens.lower(at) in _METRE_WORDS):
        return None
    second = _read_form(tokens, at)
    if second is None or second.kind is not wanted or second.symbol in ("с", "мин"):
        return None
    return _joined(first, "·", second, Kind.ENERGY)


def _read_written_ratio(tokens: Tokens, first: Phrase) -> Phrase | None:
    """«мм / сек», «кгс/см2», «об./мин», and «об мин» with the stroke lost."""
    at = first.end
    if first.kind is Kind.TURNS and tokens.text(at) == ".":
        at += 1
    stroke = tokens.skip_gap(at)
    if tokens.text(stroke) == "/":
        below = _read_simple(tokens, tokens.skip_gap(stroke + 1))
    elif first.kind is Kind.TURNS and tokens.lower(stroke) == "мин":
        below = _read_simple(tokens, stroke)
    else:
        return None
    if below is None or not _divides(first.kind, below):
        return None
    return _joined(first, "/", below, Kind.RATIO)


def _divides(kind: Kind, below: Phrase) -> bool:
    if below.kind is Kind.TIME:
        return kind in _RATED
    if below.kind in _SPACES:
        return kind in _LOADS
    return kind is Kind.VOLTAGE and below.kind is Kind.VOLTAGE  # «2 мВ/В» of a load cell


def _read_rate(tokens: Tokens, first: Phrase) -> Phrase | None:
    """«миллиметров в секунду»; «в час пик» is no rate."""
    at = _after_preposition(tokens, first.end, "в")
    if first.kind not in _RATED or tokens.lower(at) not in _PER_TIME:
        return None
    below = _read_form(tokens, at)
    if below is None or tokens.lower(tokens.skip_gap(below.end)) == "пик":
        return None
    return _joined(first, "/", below, Kind.RATIO)


def _read_load(tokens: Tokens, first: Phrase) -> Phrase | None:
    """«килограмм-силы на квадратный сантиметр», «ньютонов на миллиметр»."""
    at = _after_preposition(tokens, first.end, "на")
    if first.kind not in _LOADS or tokens.lower(at) not in _PER_SPACE:
        return None
    below = _read_simple(tokens, at)
    if below is None or below.kind not in _SPACES:
        return None
    words = {tokens.lower(n) for n in range(below.start, below.end) if tokens.is_word(n)}
    return _joined(first, "/", below, Kind.RATIO) if words <= _PER_SPACE else None


def _after_preposition(tokens: Tokens, end: int, preposition: str) -> int:
    """The word governed by ``preposition`` right after ``end``; -1 when there is none."""
    if tokens.is_gap(end) and tokens.lower(end + 1) == preposition and tokens.is_gap(end + 2):
        return end + 3
    return -1


def _joined(first: Phrase, sign: str, second: Phrase, kind: Kind) -> Phrase:
    return Phrase(
        symbol=first.symbol + sign + second.symbol,
        kind=kind,
        need=_need_of_joined(first, second),
        start=first.start,
        end=second.end,
        spelled=first.spelled,
    )


def _need_of_joined(first: Phrase, second: Phrase) -> Need:
    """Joined units explain themselves, save those of single letters or everyday words."""
    moves = first.kind in (Kind.LENGTH, Kind.TURNS) and second.kind is Kind.TIME
    letters = len(first.symbol) == 1 and first.need is not Need.NUMBER
    if first.need is Need.NOTHING or (moves and not letters and second.need is not Need.PARTNER):
        return Need.NOTHING
    return Need.NUMBER
