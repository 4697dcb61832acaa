"""List items whose mark was typed, or printed, as text."""

import re

from bot.documents.markdown import ListItem

_BULLET = re.compile(r"[•●▪■◦○‣⁃·∙➢➤✓✔◆]\s*(?=\S)")
"""Bullets of Word's, LibreOffice's and browsers' lists."""


def typed_item(text: str) -> ListItem | None:
    """The item, where text begins with a bullet; numbers are left as they were typed."""
    found = _BULLET.match(text)
    return ListItem(text[found.end() :], 0, None) if found else None
