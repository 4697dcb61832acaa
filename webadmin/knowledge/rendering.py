"""A base as HTML: Markdown without raw HTML, without pictures from elsewhere."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from bot.search.knowledge import SEPARATOR
from webadmin.knowledge.sections import Section, sections_of

_DEEPEST = 6
_CUT = "cut"
EditAddress = Callable[[Section], str]


@dataclass(frozen=True)
class Rendered:
    """A base to be shown: its HTML, where each section's anchor is an ``id``, and its sections."""

    html: Markup
    sections: list[Section]


class _Renderer(RendererHTML):
    """Pictures become their descriptions: none is loaded from another host (CSP)."""

    def image(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        """What was to be seen, in words."""
        words = self.renderInlineAsText(tokens[idx].children, options, env)
        return f'<span class="picture">[картинка{": " if words else ""}{escape(words)}]</span>'


def render(text: str, edit_address: EditAddress | None = None) -> Rendered:
    """The text as operators read it, headings one level lower: the page has a title already.

    The borders between passages (``<<->>``) become lines. With ``edit_address`` every heading
    has a link to it.
    """
    sections = sections_of(text)
    parser = _parser()
    tokens = list(_with_cuts(parser.parse(text)))
    by_line = {section.line: section for section in sections}
    for at, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, _DEEPEST)}"
        if token.type == "heading_open" and token.map and token.map[0] in by_line:
            _name(tokens[at : at + 2], by_line[token.map[0]], edit_address)
    html = parser.renderer.render(tokens, parser.options, {})
    return Rendered(Markup(html), sections)  # noqa: S704 - escaped by the renderer, html is off


def _parser() -> MarkdownIt:
    """CommonMark with tables; underlined headings are off as the index does not know them."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    return parser.enable("table").disable("lheading")


def _with_cuts(tokens: Sequence[Token]) -> Iterator[Token]:
    """A paragraph that is nothing but a border becomes a line."""
    at = 0
    while at < len(tokens):
        opened = tokens[at].type == "paragraph_open"
        if opened and tokens[at + 1].content.strip() == SEPARATOR:
            yield Token("hr", "hr", 0, attrs={"class": _CUT}, block=True)
            at += 3
        else:
            yield tokens[at]
            at += 1


def _name(heading: Sequence[Token], section: Section, edit_address: EditAddress | None) -> None:
    opening, inline = heading
    opening.attrSet("id", section.anchor)
    if edit_address is None or inline.children is None:
        return
    link = Token("link_open", "a", 1, attrs={"href": edit_address(section), "class": "edit-link"})
    link.attrSet("aria-label", f"Править раздел «{section.title}»")
    inline.children += [link, _text("править"), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
