"""Which files of a .docx hold what: its relationships say, names are only a custom."""

import posixpath
from dataclasses import dataclass

from bot.documents.docx.archive import Archive
from bot.documents.docx.xmltree import Element, parse
from bot.errors import KnowledgeError

_CUSTOMARY_BODY = "word/document.xml"


@dataclass(frozen=True)
class Package:
    """The roots of the parts that make the text; None for one that the document has not."""

    document: Element
    styles: Element | None
    numbering: Element | None
    footnotes: Element | None
    endnotes: Element | None


def open_package(data: bytes) -> Package:
    """Raises :class:`KnowledgeError` for what is not a whole, unprotected Word document."""
    archive = Archive(data)
    body = _targets(archive, "").get("officeDocument", _CUSTOMARY_BODY)
    document = _part(archive, body)
    if document is None or document.tag != "document":
        raise KnowledgeError("это не документ Word: в нём нет текста; сохраните его в Word заново")
    targets = _targets(archive, body)
    return Package(
        document,
        _part(archive, targets.get("styles")),
        _part(archive, targets.get("numbering")),
        _part(archive, targets.get("footnotes")),
        _part(archive, targets.get("endnotes")),
    )


def _part(archive: Archive, name: str | None) -> Element | None:
    data = archive.read(name) if name else None
    return parse(data) if data else None


def _targets(archive: Archive, source: str) -> dict[str, str]:
    """Kind of relationship → name of the file, for a part or ("") for the whole package."""
    folder, name = posixpath.split(source)
    relations = _part(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    found = {}
    for relation in () if relations is None else relations:
        if relation.get("TargetMode") != "External":
            kind = relation.get("Type", "").rpartition("/")[2]
            path = posixpath.join("/", folder, relation.get("Target", ""))
            found[kind] = posixpath.normpath(path).lstrip("/")
    return found
