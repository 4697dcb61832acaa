"""Documents as knowledge bases: .docx and .pdf become Markdown with their headings kept."""

from bot.documents.convert import markdown_of

__all__ = ["markdown_of"]
