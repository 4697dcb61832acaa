"""The jobs of the bases: reading a file, publishing a text, publishing an old release again."""

from dataclasses import dataclass, field

from bot.documents import markdown_of
from bot.documents.limits import MARKDOWN_BYTES, MEGABYTE
from bot.errors import AssistantError, KnowledgeError
from bot.releases.publisher import Published, Publisher
from bot.retrieval import Base
from bot.search.build import Progress
from webadmin.background import Report
from webadmin.knowledge.draftstore import Draft, DraftStore

PUBLISHING = "knowledge"
"""The kind of the jobs that publish: an index is built by one at a time."""
READING = "knowledge-file"
"""The kind of the jobs that read files."""

_READING_WORDS = "Читаем файл"
_PREPARING_WORDS = "Готовим базу"
_EMBEDDING_WORDS = "Готовим тексты для поиска"


@dataclass(frozen=True)
class FileReading:
    """Makes an uploaded file the text of its draft, for an operator to look at."""

    drafts: DraftStore
    draft: Draft
    data: bytes = field(repr=False)

    def __call__(self, report: Report) -> str:
        """Read it; what is wrong with the file is kept in the draft too."""
        report(0, 0, _READING_WORDS)
        try:
            text = _readable(markdown_of(self.draft.file_name, self.data))
        except AssistantError as error:
            self.drafts.change(self.draft.id, problem=str(error))
            raise
        self.drafts.change(self.draft.id, text, problem="")
        return "Файл прочитан. Проверьте, что изменится, и опубликуйте."


@dataclass(frozen=True)
class DraftPublication:
    """Publishes a draft in place of the text it was made from."""

    publisher: Publisher
    drafts: DraftStore
    draft: Draft
    text: str = field(repr=False)
    instead_of: str = field(repr=False)

    def __call__(self, report: Report) -> str:
        """Publish it; when that fails the draft stays, with the reason."""
        report(0, 0, _PREPARING_WORDS)
        draft = self.draft
        try:
            published = self.publisher.change_base(
                draft.kb, self.text, draft.author, draft.note, _progress(report),
                instead_of=self.instead_of,
            )  # fmt: skip
        except AssistantError as error:
            self.drafts.change(draft.id, problem=str(error))
            raise
        self.drafts.change(draft.id, problem="", release=published.record.number)
        return told(published)


@dataclass(frozen=True)
class FilePublication:
    """Publishes a file at once, as programs have it."""

    publisher: Publisher
    kb: Base
    file_name: str
    author: str
    data: bytes = field(repr=False)

    def __call__(self, report: Report) -> str:
        """Read and publish it."""
        report(0, 0, _READING_WORDS)
        text = markdown_of(self.file_name, self.data)
        note = f"файл {self.file_name}"
        return told(self.publisher.change_base(self.kb, text, self.author, note, _progress(report)))


@dataclass(frozen=True)
class Republication:
    """Publishes what an older release held."""

    publisher: Publisher
    number: int
    author: str

    def __call__(self, report: Report) -> str:
        """Publish it again."""
        report(0, 0, _PREPARING_WORDS)
        return told(
            self.publisher.publish_again(self.number, self.author, progress=_progress(report))
        )


def told(published: Published) -> str:
    """What has become of a publication, for operators."""
    number = published.record.number
    if not published.is_new:
        return f"Ничего не изменилось: выпуск {number} уже в работе и в точности таков."
    return f"Опубликован выпуск {number}: {'; '.join(published.record.changes)}."


def _readable(text: str) -> str:
    """The text if it is not more than a page can show and compare."""
    if len(text.encode()) > MARKDOWN_BYTES:
        raise KnowledgeError(too_long_words())
    return text


def too_long_words() -> str:
    """What to do about a text that is too long for a page."""
    return (
        f"Текст больше {MARKDOWN_BYTES // MEGABYTE} МБ, на странице его не показать. Положите его "
        "в файл базы на сервере и выполните python -m bot.index."
    )


def _progress(report: Report) -> Progress:
    return lambda done, of: report(done, of, _EMBEDDING_WORDS)
