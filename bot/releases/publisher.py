"""Publishing: a change is checked, written down as a release and put in service.

Whatever goes wrong before the last step, a rename, leaves the release in service as it was.
A process that is killed on the way leaves at most an edited file in ``kb/`` that the next
publication takes up.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.embeddings import Embedder
from bot.embeddings.choose import choose_embedder
from bot.errors import ChangeError, OvertakenError
from bot.examples import examples_of
from bot.livesettings import live_settings, merged
from bot.prompts import check_prompts
from bot.records import now
from bot.releases.comparing import summary
from bot.releases.content import Content
from bot.releases.locks import building, publishing
from bot.releases.record import Author, ReleaseRecord, in_utc, signed
from bot.releases.store import ReleaseStore, digests
from bot.releases.whole import Whole, last_whole, served, whole_in_service
from bot.releases.workingfiles import PARTS, Part, WorkingFiles, golden_of, sources_of
from bot.retrieval import Base
from bot.search.build import Progress
from bot.search.builds import Built, digests_of
from bot.search.knowledge import check_base
from bot.settings import Settings

log = logging.getLogger(__name__)

KEPT_BUILDS = 3
"""Builds that stay on the disk: those that were in service last."""
FILE_AUTHOR = "file"
"""Who edited the prompts by hand is not known."""
_REBUILT = "индекс построен заново"
_REPAIRED = "вместо повреждённого выпуска"


def _silent(done: int, of: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Published:
    """What is in service after a publication, and whether there was anything to publish."""

    record: ReleaseRecord
    is_new: bool
    built: Built | None = None
    """The build that was made for it, if one was."""


class Publisher:
    """Publishes releases. Thread-safe, and safe with other processes that publish too.

    All methods raise :class:`bot.errors.AssistantError` with the reason in Russian, and
    :class:`bot.errors.BusyError` while another process changes the bases; the release in
    service is then as it was. ``embedder`` is asked for only when an index is needed.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Callable[[], Embedder] | None = None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._settings = settings
        self._store = ReleaseStore(settings.persist_directory)
        self._files = WorkingFiles(sources_of(settings), settings.prompts_file_path)
        self._embedder = embedder or (lambda: choose_embedder(settings))
        self._clock = clock

    def publish_files(
        self, author: str, note: str = "", *, force: bool = False, progress: Progress = _silent
    ) -> Published:
        """Publish the bases and the prompts as their files are now.

        ``force`` embeds everything anew and makes a release even if nothing has changed.
        """
        by = signed(author, note)
        with self._changing_bases():
            bases = self._files.read_bases()
            check_prompts(self._files.read_prompts(), str(self._files.prompts))
            build_id, built = self._index_of(bases, force, progress)
            published = self._publish(lambda: self._as_files_are(bases), by, build_id)
        return replace(published, built=built)

    def change_base(
        self,
        kb: Base,
        markdown: str,
        author: str,
        note: str = "",
        progress: Progress = _silent,
        *,
        instead_of: str | None = None,
    ) -> Published:
        """Publish another text of one base, and write it to the base's file.

        With ``instead_of`` only in place of that text: :class:`bot.errors.OvertakenError` when
        somebody else has published another one meanwhile.
        """
        by, text = signed(author, note), check_base(markdown.encode(errors="surrogatepass"))
        with self._changing_bases():
            bases = {**self._content().bases}
            if instead_of not in (None, bases[kb]):
                raise OvertakenError("пока вы правили, эту базу изменил кто-то другой")
            bases[kb] = text
            build_id, built = self._index_of(bases, False, progress)
            published = self._publish(
                lambda: replace(self._content(), bases=bases), by, build_id, [kb]
            )
        return replace(published, built=built)

    def change_prompts(
        self,
        prompts: Mapping[str, object],
        author: str,
        note: str = "",
        *,
        instead_of: str | None = None,
    ) -> Published:
        """Publish other prompts, and write them to the prompts file.

        With ``instead_of`` only in place of that text, as :meth:`change_base` does.
        """
        text = json.dumps(prompts, ensure_ascii=False, indent=2) + "\n"

        def changed() -> Content:
            content = self._content()
            if instead_of is not None and not content.same_prompts(instead_of):
                raise OvertakenError("пока вы правили, подсказки изменил кто-то другой")
            return replace(content, prompts=text)

        return self._publish(changed, signed(author, note), write=["prompts"])

    def change_settings(
        self,
        changes: Mapping[str, object],
        author: str,
        note: str = "",
        *,
        instead_of: Mapping[str, object] | None = None,
    ) -> Published:
        """Publish settings by contract.md's names; ``None`` is the environment's value again.

        With ``instead_of`` (:attr:`Content.settings`) only in place of those.
        """

        def changed() -> Content:
            content = self._content()
            if instead_of not in (None, content.settings):
                raise OvertakenError("пока вы правили, настройки изменил кто-то другой")
            return replace(content, settings=merged(self._settings, content.settings, changes))

        return self._publish(changed, signed(author, note))

    def publish_again(
        self, number: int, author: str, note: str = "", progress: Progress = _silent
    ) -> Published:
        """Publish what an older release held, and write it back to the files.

        An edit of a file that nobody published is kept beside it.
        """
        by = signed(author, note)
        with self._changing_bases():
            content = self._store.content(self._store.record(number))
            build_id, built = self._index_of(content.bases, False, progress)
            published = self._publish(lambda: content, by, build_id, PARTS, number)
        return replace(published, built=built)

    def take_prompts_edit(self) -> Published | None:
        """Publish an edit of the prompts file; ``None`` when the file says nothing new.

        Does not wait: :class:`bot.errors.BusyError` while another process publishes.
        """
        text = self._files.read_prompts()
        if self._content().same_prompts(text):
            return None
        check_prompts(text, str(self._files.prompts))
        return self._publish(
            lambda: replace(self._content(), prompts=self._files.read_prompts()),
            signed(FILE_AUTHOR, ""),
            wait=False,
        )

    @contextmanager
    def _changing_bases(self) -> Iterator[None]:
        with _told(self._store.directory), building(self._store.directory):
            yield
            self._sweep()

    def _as_files_are(self, bases: Mapping[Base, str]) -> Content:
        last = last_whole(self._store)
        return Content(bases, self._files.read_prompts(), last.content.settings if last else {})

    def _index_of(
        self, bases: Mapping[Base, str], force: bool, progress: Progress
    ) -> tuple[str, Built | None]:
        """A build of these bases: one that is there, or else a new one.

        ``force`` makes one in which nothing is taken over from another.
        """
        embedder, builds = self._embedder(), self._store.builds
        golden, examples = golden_of(self._settings), examples_of(self._settings)
        made_of = digests_of(bases, golden, examples)
        found = "" if force else builds.find(made_of, embedder.model_key)
        if found:
            return found, None
        last = None if force else last_whole(self._store)
        like = last.record.build_id if last else ""
        built = builds.make(bases, embedder, self._clock(), like, progress, golden, examples)
        return built.build_id, built

    def _publish(
        self,
        change: Callable[[], Content],
        by: Author,
        build_id: str = "",
        write: Sequence[Part] = (),
        again: int | None = None,
        *,
        wait: bool = True,
    ) -> Published:
        """Publish what ``change`` makes of the release in service at this moment.

        Without a ``build_id`` with its index.
        """
        directory = self._store.directory
        with _told(directory), publishing(directory, wait=wait):
            content = change()
            build_id = build_id or whole_in_service(self._store).record.build_id
            last = last_whole(self._store)
            self._check(content)
            published = last.content if last else None
            with self._files.replacing(write, content, published) as put_in_place:
                if last and self._serves(last, content, build_id):
                    put_in_place()
                    return Published(last.record, is_new=False)
                record = self._written(content, by, build_id, again, last)
                put_in_place()
                self._store.put_in_service(record.number)
        log.info("event=release_published number=%d author=%r", record.number, record.author)
        return Published(record, is_new=True)

    def _serves(self, last: Whole, content: Content, build_id: str) -> bool:
        return (
            last.record.number == self._store.in_service()
            and last.record.build_id == build_id
            and last.content.same_as(content)
        )

    def _written(
        self, content: Content, by: Author, build_id: str, again: int | None, last: Whole | None
    ) -> ReleaseRecord:
        changes = summary(last.content, content) if last else ("первый выпуск",)
        is_repair = last is not None and last.record.build_id == build_id
        record = ReleaseRecord(
            number=self._store.reserve(),
            author=by.name,
            published_at=in_utc(self._clock()),
            note=by.note,
            changes=changes or (_REPAIRED if is_repair else _REBUILT,),
            again=again,
            build_id=build_id,
            files=digests(content),
        )
        self._store.write(record, content)
        return record

    def _check(self, content: Content) -> None:
        check_prompts(content.prompts, self._files.prompts.name)
        live_settings(self._settings, content.settings)

    def _content(self) -> Content:
        return whole_in_service(self._store).content

    def _sweep(self) -> None:
        kept: set[str] = set()
        for record in served(self._store):
            kept.add(record.build_id)
            if len(kept) == KEPT_BUILDS:
                break
        self._store.builds.sweep(kept)


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    """A disk that is full or not ours is told as a refusal."""
    try:
        yield
    except OSError as error:
        raise ChangeError(f"{directory}: выпуск не записан: {error.strerror}") from error
