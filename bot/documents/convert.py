"""A document an operator has, as Markdown of a knowledge base."""

from bot.documents.isolation import converted
from bot.documents.kind import Kind, kind_of
from bot.documents.limits import MEGABYTE, UPLOAD_BYTES
from bot.errors import KnowledgeError

_NO_HEADINGS = {
    Kind.DOCX: (
        "в документе нет заголовков: отметьте названия разделов стилями «Заголовок 1», "
        "«Заголовок 2» и сохраните снова"
    ),
    Kind.PDF: (
        "в PDF не видно заголовков: загрузите исходный документ (.docx) с заголовками "
        "или разметьте текст как .md"
    ),
}


def markdown_of(name: str, data: bytes) -> str:
    """Markdown of an uploaded file: ``name`` gives the extension, ``data`` the whole content.

    Text passes through as it is. Raises :class:`KnowledgeError` with the reason and what to
    do; nothing is written anywhere.
    """
    # With it come the embeddings' libraries: the converting process, which imports this
    # package too, does without them.
    from bot.search.knowledge import check_base, headings

    if len(data) > UPLOAD_BYTES:
        raise KnowledgeError(
            f"файл больше {UPLOAD_BYTES // MEGABYTE} МБ: разделите его или уберите картинки"
        )
    kind = kind_of(name, data)
    if kind is Kind.TEXT:
        return check_base(data)
    text = converted(kind, data)
    if not text.strip():
        raise KnowledgeError("в документе нет текста")
    if not any(headings(text)):
        raise KnowledgeError(_NO_HEADINGS[kind])
    return check_base(text.encode())
