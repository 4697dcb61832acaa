"""XML of a .docx as a tree of elements that go by their local names.

Word writes its own namespace, the «strict» form of the standard has another; the local names
are the same, so that without the namespaces both read alike.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

from bot.documents.limits import XML_DEPTH
from bot.errors import KnowledgeError

Element = ElementTree.Element

_PIECE_BYTES = 64 * 1024


class _LocalNames(ElementTree.TreeBuilder):
    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._depth += 1
        if self._depth > XML_DEPTH:
            raise KnowledgeError("документ Word устроен необычно: слишком много вложенных частей")
        return super().start(_local(tag), {_local(name): attrs[name] for name in attrs})

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(_local(tag))

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Entities are declared in a DOCTYPE, which the package format (OPC) forbids."""
        raise KnowledgeError("документ Word устроен необычно: в нём объявлены сущности XML")


def parse(data: bytes) -> Element:
    """The root element. Raises :class:`KnowledgeError` for what is not well-formed, for a
    DOCTYPE (so that no entity can grow) and for too deep a tree."""
    parser = ElementTree.XMLParser(target=_LocalNames())  # noqa: S314 - DOCTYPE is refused
    try:
        for at in range(0, len(data), _PIECE_BYTES):
            parser.feed(data[at : at + _PIECE_BYTES])
        root: Element = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise KnowledgeError(
            "документ Word повреждён: откройте его в Word и сохраните заново"
        ) from error
    return root


def value(parent: Element | None, path: str) -> str | None:
    """The ``val`` of the element at a path; "" when it is there and has none."""
    found = None if parent is None else parent.find(path)
    return None if found is None else found.get("val", "")


def switched_on(parent: Element | None, path: str) -> bool | None:
    """A property that is on or off (``<b/>``, ``<b val="0"/>``), None when it is not set."""
    found = value(parent, path)
    return None if found is None else found.lower() not in ("0", "false", "off")


def children(parent: Element) -> Iterator[Element]:
    """The child elements, with wrappers opened: content controls, insertions, the newer of two
    alternatives; what was deleted or moved away by tracked changes is not there."""
    for child in parent:
        if child.tag in _OPENED:
            yield from children(child)
        elif child.tag == "AlternateContent":
            yield from children(_alternative(child))
        elif child.tag == "sdt":
            content = child.find("sdtContent")
            if content is not None and not _is_contents(child):
                yield from children(content)
        elif child.tag not in _REMOVED:
            yield child


_OPENED = frozenset(
    ["ins", "moveTo", "smartTag", "customXml", "fldSimple", "hyperlink", "dir", "bdo"]
)
_REMOVED = frozenset(["del", "moveFrom", "Fallback"])


def _alternative(element: Element) -> Element:
    choice = element.find("Choice")
    return element if choice is None else choice


def _is_contents(control: Element) -> bool:
    """A table of contents repeats the headings."""
    gallery = value(control, "sdtPr/docPartObj/docPartGallery") or ""
    return gallery.lower() == "table of contents"


def _local(name: str) -> str:
    return name.rpartition("}")[2]
