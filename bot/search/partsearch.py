"""Several questions asked in one breath: each is searched for, and what is found becomes one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.retrieval import Hit, Passage
from bot.routing import Route
from bot.search.routedsearch import Found, Search, SearchableIndex, find


@dataclass(frozen=True)
class SearchedPart:
    """One of the questions; with the machines that the others name, and without if it names none.

    ``route`` is that of its own words.
    """

    route: Route
    named: Search
    alone: Search | None = None


def find_each(index: SearchableIndex, parts: Sequence[SearchedPart]) -> list[Found]:
    """What the bases hold for each question.

    A topic of the general base is the same for every machine: when the machine's name only leads
    to what another question has found already («…и когда привезёте» to the price), the question
    is asked without it.
    """
    founds = [find(index, part.named, part.route) for part in parts]
    best = [found.hits[0].passage if found.hits else None for found in founds]
    for at, part in enumerate(parts):
        is_topic = part.route.first == "general" and bool(part.route.matched_words)
        adds_nothing = best[at] in best[:at] + best[at + 1 :]
        if part.alone is not None and is_topic and adds_nothing:
            founds[at] = find(index, part.alone, part.route)
    return founds


def merged(founds: Sequence[Found], most: int) -> Found:
    """What was found for several questions asked together, as one.

    The base is that of the first question that a base answers. ``most`` passages of each
    question that is answered are kept (of the first one if none is), each passage once.
    """
    answered = [found for found in founds if found.enough] or [founds[0]]
    hits: dict[Passage, Hit] = {}
    for found in answered:
        for hit in found.hits[:most]:
            hits.setdefault(hit.passage, hit)
    scores = {kb: max(found.scores[kb] for found in founds) for kb in founds[0].scores}
    return replace(answered[0], hits=tuple(hits.values()), scores=scores)
