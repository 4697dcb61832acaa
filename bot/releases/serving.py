"""The release in service, for a process that outlives releases."""

import logging
import threading
from collections.abc import Callable

from bot.errors import AssistantError, BusyError, KnowledgeError
from bot.livesettings import live_settings
from bot.longlived import loading
from bot.prompts import advice_on_missing, missing_parts, published_prompts
from bot.release import Release
from bot.releases.publisher import Publisher
from bot.releases.store import ReleaseStore
from bot.releases.workingfiles import Stamp, WorkingFiles, sources_of
from bot.search.routedsearch import SearchableIndex
from bot.settings import Settings

log = logging.getLogger(__name__)

_UNFIT = "выпуск {} не подходит этой версии программы (запустите python -m bot.index)"


class ReleaseFolder:
    """Hands out the release in service (:class:`bot.release.ReleaseSource`). Thread-safe.

    Each turn asks :meth:`current`, which costs one ``readlink`` and one ``stat`` while nothing
    has changed. A new release is loaded by the first turn that sees it; turns of other calls
    meanwhile go on with the old one. An edit of the prompts file is published by the first turn
    that sees it.
    """

    def __init__(
        self,
        settings: Settings,
        model_key: str,
        taken_up: Callable[[int], object] = lambda number: None,
    ) -> None:
        """``model_key`` is that of the embedder which questions are asked with.

        ``taken_up`` is told the number of each release that turns are answered from (for
        workers, :class:`bot.releases.takeup.TakeUps`).
        """
        self._settings = settings
        self._model_key = model_key
        self._taken_up = taken_up
        self._store = ReleaseStore(settings.persist_directory)
        self._files = WorkingFiles(sources_of(settings), settings.prompts_file_path)
        self._publisher = Publisher(settings)
        self._loading = threading.Lock()
        self._link = ""
        self._stamp: Stamp | None = None
        self._release: Release | None = None

    def current(self) -> Release:
        """The newest release that could be loaded.

        A damaged one is refused, and so is a broken edit of the prompts; either is logged once,
        and the release before stays in service. Raises :class:`KnowledgeError` when there is
        nothing to serve.
        """
        seen = self._store.link(), self._files.prompts_stamp()
        release = self._release
        if release is not None and (seen == self._seen or self._loading.locked()):
            return release
        with self._loading:
            if self._release is None or seen != self._seen:
                self._look()
            if self._release is None:
                raise KnowledgeError(f"{self._store.directory}: нет выпуска: python -m bot.index")
            return self._release

    @property
    def _seen(self) -> tuple[str, Stamp | None]:
        return self._link, self._stamp

    def _look(self) -> None:
        stamp = self._files.prompts_stamp()
        if stamp != self._stamp and self._edit_is_settled():
            self._stamp = stamp
        link = self._store.link()
        if self._release is None or link != self._link:
            self._take_up(link)

    def _edit_is_settled(self) -> bool:
        """Publish an edit of the prompts; false if that must be tried again at the next turn."""
        try:
            if self._store.in_service():
                self._publisher.take_prompts_edit()
        except BusyError:
            return False
        except AssistantError as error:
            log.error("event=prompts_edit_refused why=%r", str(error))
        return True

    def _take_up(self, link: str) -> None:
        try:
            release, author = self._load()
        except AssistantError as error:
            if self._release is None:
                raise
            log.error(
                "event=release_refused link=%s kept=%d why=%r", link, self._release.number, error
            )
        else:
            log.info("event=release_in_service number=%d author=%r", release.number, author)
            self._warn_of_missing(release)
            self._release = release
            self._taken_up(release.number)
        self._link = link

    def _warn_of_missing(self, release: Release) -> None:
        """Say once what an older prompts file leaves out: it is loaded all the same."""
        parts = missing_parts(release.prompts)
        before = missing_parts(self._release.prompts) if self._release else ()
        if parts and parts != before:
            advice = advice_on_missing(parts, self._files.prompts)
            log.warning("event=prompts_incomplete number=%d advice=%r", release.number, advice)

    def _load(self) -> tuple[Release, str]:
        record = self._store.record(self._store.require_in_service())
        content = self._store.content(record)
        prompts = published_prompts(content.prompts, _UNFIT.format(record.number))
        live = live_settings(self._settings, content.settings)
        return Release(record.number, self._index(record.build_id), prompts, live), record.author

    def _index(self, build_id: str) -> SearchableIndex:
        """The index of a release; the one in memory when only prompts or settings changed."""
        if self._release is not None and self._release.index.build_id == build_id:
            return self._release.index
        with loading():
            return self._store.builds.load(build_id, self._model_key)
