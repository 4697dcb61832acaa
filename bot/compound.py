"""Several questions in one breath: «сколько стоит РЭМ-100 и когда привезёте?» is two."""

import re

from bot.designations import products
from bot.wordforms import words_of

_MOST_PARTS = 3
_ASKING = (
    r"(?:(?:за|на|до|с|в|по|у) )?(?:сколько|когда|где|куда|откуда|как|как(?:ой|ая|ое|ие|ую|ого|им)"
    r"|каков[аоы]?|почем|почём|кто|чем|что|есть ли|можно ли|нуж(?:ен|на|но|ны) ли|входит ли)\b"
)
_HAS_ASKING = re.compile(rf"\b{_ASKING}", re.IGNORECASE)
_JOINT = re.compile(
    rf"(?:\s*[,;.?!]+\s*|\s+)(?:и|а|а также|и ещё|и еще|а ещё|а еще)\s+(?={_ASKING})"
    rf"|\s*[,;.?!]+\s+(?={_ASKING})",
    re.IGNORECASE,
)
_SAYS_OF_WHAT = frozenset({"NOUN", "VERB", "INFN", "ADJS", "PRTS"})
_MOST_NAMES = 2


def parts_of(question: str) -> tuple[str, ...]:
    """The questions that ``question`` consists of.

    Just the question itself unless every part asks and says of what: «как часто и где проводят
    поверку» stays one.
    """
    parts = tuple(part.strip() for part in _JOINT.split(question, maxsplit=_MOST_PARTS - 1))
    if len(parts) < 2 or not all(map(_is_whole, parts)):
        return (question,)
    return parts


def readings(part: str, question: str) -> tuple[str, ...]:
    """A part of a question with the machines that the other parts name, and without.

    «Когда привезёте» is the same for every machine, «сколько стоит» is not: which is meant
    shows in what the bases hold. One reading when the part names a machine, or none does.
    """
    named = " ".join(products(question)[:_MOST_NAMES])
    return (part,) if products(part) or not named else (f"{part} {named}", part)


def _is_whole(part: str) -> bool:
    asks = _HAS_ASKING.search(part)
    return asks is not None and any(word.part in _SAYS_OF_WHAT for word in words_of(part))
