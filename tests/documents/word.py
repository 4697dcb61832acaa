"""Word files as programs write them, put together from their XML."""

import io
import zipfile
from collections.abc import Mapping

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)

RUSSIAN_STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:basedOn w:val="a"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:basedOn w:val="a"/>
  <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="paragraph" w:styleId="a4"><w:name w:val="Мой раздел"/><w:basedOn w:val="2"/>
</w:style>
<w:style w:type="paragraph" w:styleId="a5"><w:name w:val="Врезка"/><w:basedOn w:val="1"/>
  <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="11"><w:name w:val="toc 1"/><w:basedOn w:val="a"/></w:style>
<w:style w:type="character" w:styleId="a6"><w:name w:val="Strong"/>
  <w:rPr><w:b/></w:rPr></w:style>
"""
"""As Word in Russian writes them: ids are numbers and letters, names are English."""


def word(body: str, namespace: str = TRANSITIONAL, **parts: str) -> bytes:
    """A .docx with this body; ``parts`` are the contents of styles, numbering, footnotes, …"""
    return zipped(word_files(body, namespace, **parts))


def word_files(body: str, namespace: str = TRANSITIONAL, **parts: str) -> dict[str, bytes]:
    """The files of such a .docx by their names."""
    parts = {"styles": RUSSIAN_STYLES, **parts}
    files = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _relations({"officeDocument": "word/document.xml"}),
        "word/_rels/document.xml.rels": _relations({name: f"{name}.xml" for name in parts}),
        "word/document.xml": _root("document", f"<w:body>{body}</w:body>", namespace),
        **{f"word/{name}.xml": _root(name, parts[name], namespace) for name in parts},
    }
    return {name: text.encode() for name, text in files.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of the files."""
    with io.BytesIO() as data:
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return data.getvalue()


def p(text: str, style: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of one run: ``properties`` go into its pPr, ``run`` into its rPr."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{r(text, run)}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, number: int, level: int = 0) -> str:
    """A list item of numbering ``number``."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, properties=place)


def table(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(text: str, properties: str = "") -> str:
    """A cell of one paragraph, an empty one for no text."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text) if text else '<w:p/>'}</w:tc>"


def _relations(targets: Mapping[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="r{number}" Type="{_KINDS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items())
    )
    return f'<Relationships xmlns="{_RELATIONS}">{found}</Relationships>'


def _root(name: str, content: str, namespace: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><w:{name} xmlns:w="{namespace}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">'
        f"{content}</w:{name}>"
    )
