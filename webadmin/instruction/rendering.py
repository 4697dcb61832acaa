"""The instruction as HTML: Markdown without raw HTML, pictures of our own in place."""

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from webadmin.knowledge.sections import Section, sections_of

FILE = Path(__file__).parent.parent / "instruction.md"
_PICTURES = Path(__file__).parent / "pictures"
_PICTURE = re.compile(r"instruction/pictures/([a-z]+\.svg)")


@dataclass(frozen=True)
class Instruction:
    """The page: ``html`` with an ``id`` at each heading, and the headings of its contents."""

    html: Markup
    sections: list[Section]


class _Renderer(RendererHTML):
    """Pictures stand in the page itself, where its colours reach them."""

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """The picture below its caption; it scrolls by itself where it is too wide."""
        name = _PICTURE.fullmatch(str(tokens[idx].attrGet("src")))
        if name is None:
            raise ValueError(f"no picture of ours: {tokens[idx].attrGet('src')}")
        caption = escape(self.renderInlineAsText(tokens[idx].children, options, env))
        drawing = (_PICTURES / name[1]).read_text(encoding="utf-8")
        return (
            f'<figure class="picture"><figcaption>{caption}</figcaption>'
            f'<div class="picture-scroll" tabindex="0" role="region" aria-label="{caption}">'
            f"{drawing}</div></figure>"
        )

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """A table that scrolls by itself where it is too wide."""
        return (
            '<div class="table-responsive" tabindex="0" role="region" aria-label="Таблица">'
            '<table class="table">'
        )

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """The end of what :meth:`table_open` began."""
        return "</table></div>"


def render(text: str) -> Instruction:
    """The instruction; :class:`ValueError` or :class:`OSError` for a picture that is not there."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = parser.parse(text)
    sections = sections_of(text)
    slugs = {section.line: section.slug for section in sections}
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.map:
            token.attrSet("id", slugs[token.map[0]])
        elif token.type == "inline" and [one.type for one in token.children or ()] == ["image"]:
            tokens[at - 1].hidden = tokens[at + 1].hidden = True  # a figure is no paragraph
    html = parser.renderer.render(tokens, parser.options, {})
    return Instruction(Markup(html), sections)  # noqa: S704 - escaped, html is off
