"""Two edits of the same prompts, laid side by side field by field. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Places = dict[str, Any]
"""The prompts by the place of each field; a list's lines and a text are one field each."""


@dataclass(frozen=True)
class Edits:
    """What the operator began from, what they made of it, and what others did meanwhile."""

    before: Places
    mine: Places
    theirs: Places

    @property
    def their_changes(self) -> list[str]:
        """The places that others changed."""
        return _changed(self.before, self.theirs)

    @property
    def conflicts(self) -> list[str]:
        """The texts that both changed, and not alike; lines of a list never meet."""
        both = set(_changed(self.before, self.mine)) & set(self.their_changes)
        return [
            place
            for place in self.theirs | self.mine
            if place in both
            and self.mine.get(place) != self.theirs.get(place)
            and not isinstance(self.mine.get(place), list)
        ]

    def together(self, *, keep_mine: bool) -> Json:
        """Theirs with what the operator changed; ``keep_mine`` decides where both changed."""
        result = dict(self.theirs)
        lost = () if keep_mine else self.conflicts
        for place in _changed(self.before, self.mine):
            if place in lost:
                continue
            if place not in self.mine:
                result.pop(place, None)
            else:
                result[place] = self._merged(place)
        return {"routing": {}} | by_parts(result)

    def _merged(self, place: str) -> Any:
        sides = (self.before, self.mine, self.theirs)
        before, mine, theirs = (side.get(place) for side in sides)
        if not (isinstance(before, list) and isinstance(mine, list) and isinstance(theirs, list)):
            return mine
        kept = [line for line in theirs if line in mine or line not in before]
        return kept + [line for line in mine if line not in before and line not in kept]


def edits(before: Json, mine: Json, theirs: Json) -> Edits:
    """The edits of three prompts files."""
    return Edits(by_places(before), by_places(mine), by_places(theirs))


def changed_places(before: Json, after: Json) -> list[str]:
    """The places at which two prompts files differ."""
    return _changed(by_places(before), by_places(after))


def with_missing(prompts: Json, sample: Json, parts: Iterable[str]) -> Json:
    """The prompts with these parts (``small_talk``, ``routing.tech``) as the sample has them."""
    places = by_places(prompts)
    for place, value in by_places(sample).items():
        if any(place == part or place.startswith(f"{part}.") for part in parts):
            places.setdefault(place, value)
    return by_parts(places)


def by_places(prompts: Mapping[str, Any]) -> Places:
    """``{"routing": {"tech": […]}}`` → ``{"routing.tech": […]}``."""
    places: Places = {}
    for name, value in prompts.items():
        if isinstance(value, Mapping):
            places |= {f"{name}.{key}": one for key, one in by_places(value).items()}
        else:
            places[name] = value
    return places


def by_parts(places: Places) -> Json:
    """The opposite of :func:`by_places`."""
    prompts: Json = {}
    for place, value in places.items():
        *groups, name = place.split(".")
        inner = prompts
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = value
    return prompts


def _changed(before: Places, after: Places) -> list[str]:
    return [place for place in before | after if before.get(place) != after.get(place)]
