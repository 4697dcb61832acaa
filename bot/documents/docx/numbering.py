"""Numbers of list items: Word keeps none in the text, they are counted as it counts them."""

from bot.documents.docx.styles import ListPlace
from bot.documents.docx.xmltree import Element, value

_LEVELS = 9
_UNNUMBERED = frozenset(["bullet", "none"])


class Numbering:
    """The lists of a document while it is read from its beginning to its end."""

    def __init__(self, root: Element | None) -> None:
        abstract = _by_id(root, "abstractNum", "abstractNumId")
        linked = {
            style: element
            for element in abstract.values()
            if (style := value(element, "styleLink")) is not None
        }
        self._numbers = _by_id(root, "num", "numId")
        self._formats: dict[str, Element] = {}
        for number_id, number in self._numbers.items():
            element = abstract.get(value(number, "abstractNumId") or "")
            # A list style keeps its levels with the definition it was made from.
            link = value(element, "numStyleLink")
            element = linked.get(link, element) if link is not None else element
            if element is not None:
                self._formats[number_id] = element
        self._counts: dict[tuple[str, int], int] = {}
        self._begun: set[str] = set()

    def next(self, place: ListPlace) -> int | None:
        """The number of the next item at a place, None where items have a bullet."""
        level = _level(self._formats.get(place.number_id), place.level)
        if level is None or (value(level, "numFmt") or "decimal") in _UNNUMBERED:
            return None
        key = self._key(place.number_id)
        self._restart(place.number_id, key)
        first = _int(value(level, "start"), 1)
        count = self._counts.get((key, place.level), first - 1) + 1
        self._counts[key, place.level] = count
        for deeper in range(place.level + 1, _LEVELS):
            self._counts.pop((key, deeper), None)
        return count

    def _key(self, number_id: str) -> str:
        """Lists made from one definition continue each other."""
        return value(self._numbers[number_id], "abstractNumId") or number_id

    def _restart(self, number_id: str, key: str) -> None:
        """A list that overrides where it starts does so at its first item."""
        if number_id in self._begun:
            return
        self._begun.add(number_id)
        for override in self._numbers[number_id].findall("lvlOverride"):
            start = value(override, "startOverride")
            if start is not None:
                self._counts[key, _int(override.get("ilvl"), 0)] = _int(start, 1) - 1


def _by_id(root: Element | None, tag: str, name: str) -> dict[str, Element]:
    found = () if root is None else root.findall(tag)
    return {element.get(name, ""): element for element in found}


def _level(definition: Element | None, level: int) -> Element | None:
    for element in () if definition is None else definition.findall("lvl"):
        if element.get("ilvl") == str(level):
            return element
    return None


def _int(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else otherwise
