"""An admin over small bases with a history, and what operators do with it.

A build takes seconds. The texts here have one each, so that publishing them takes none.
"""

import html
import re
import shutil
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from bot.embeddings.local import LocalEmbedder
from bot.releases.publisher import Publisher
from bot.releases.store import ReleaseStore
from bot.retrieval import Base
from tests.agent.parts import GENERAL
from tests.webadmin.answering import KEY, Place, open_place, place_settings

PARKING = GENERAL + "\n## Парковка\n\nПарковка есть у ворот.\n"
LONGER = GENERAL.replace("24 месяца", "30 месяцев")
HTMX = {"HX-Request": "true"}
KNOWLEDGE = "/logs-ui/knowledge"
_WAIT_S = 60.0


def make_shelf(built: Path, folder: Path) -> Path:
    """Release 1 as it was built, 2 with a parking, 3 with a longer warranty, 4 as 1 again."""
    shutil.copytree(built, folder, symlinks=True, dirs_exist_ok=True)
    embedder = LocalEmbedder()
    publisher = Publisher(place_settings(folder), lambda: embedder)
    publisher.change_base("general", PARKING, "Анна", "нашли место для машин")
    publisher.change_base("general", LONGER, "Борис", "договор с поставщиком")
    publisher.publish_again(1, "Анна")
    return folder


@dataclass
class Desk:
    """An application over a folder of its own, and what an operator does with it."""

    place: Place

    @property
    def folder(self) -> Path:
        return self.place.folder

    @property
    def store(self) -> ReleaseStore:
        return ReleaseStore(self.place.settings.persist_directory)

    @property
    def release(self) -> int:
        """The number of the release in service."""
        return self.store.in_service()

    def text(self, kb: Base = "general") -> str:
        """What callers are answered from."""
        return self.store.content(self.store.record(self.release)).bases[kb]

    def answer(self, path: str, **headers: str) -> TestResponse:
        """Whatever a GET is answered with."""
        return self.place.client.get(path, headers=headers)

    def page(self, path: str, **headers: str) -> str:
        """What is to be read on a page: its words in one line."""
        answer = self.answer(path, **headers)
        assert answer.status_code == 200, answer.text
        return words_of(answer.text)

    def post(
        self, path: str, data: dict[str, Any] | None = None, by: str = "Анна", key: str = KEY
    ) -> TestResponse:
        """A form with the key, signed by somebody."""
        headers = {"X-API-Key": key.encode().decode("latin-1"), "X-Author": quote(by)}
        return self.place.client.post(path, data=data, headers=headers)

    def save(
        self, text: str, based_on: int = 4, kb: Base = "general", by: str = "Анна", **fields: str
    ) -> TestResponse:
        """Send the editor's form as a browser does."""
        form = {"text": text.replace("\n", "\r\n"), "based_on": str(based_on), **fields}
        return self.post(f"{KNOWLEDGE}/{kb}/edit", form, by)

    def saved(
        self, text: str, based_on: int = 4, kb: Base = "general", by: str = "Анна", **fields: str
    ) -> str:
        """The address of the draft that the editor's form became."""
        answer = self.save(text, based_on, kb, by, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def published(self, text: str, by: str = "Анна") -> str:
        """The page of a draft that is published in place of the base as it is."""
        return self.page_with(self.saved(text, self.release, by=by), "Опубликован выпуск")

    def upload(self, path: str, name: str, data: bytes) -> TestResponse:
        """Send a file."""
        return self.post(path, {"file": (BytesIO(data), name)})

    def page_with(self, path: str, *words: str) -> str:
        """The words of a page once some of ``words`` are there."""
        give_up_at = time.monotonic() + _WAIT_S
        while not any(one in (page := self.page(path)) for one in words):
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{words} are not on the page: {page}")
            time.sleep(0.02)
        return page

    def job(self, job_id: str) -> dict[str, Any]:
        """A job as programs see it, once it has ended."""
        give_up_at = time.monotonic() + _WAIT_S
        while True:
            job = self.place.client.get(f"/api/jobs/{job_id}").get_json()
            if job["ended_at"] is not None:
                return dict(job)
            assert time.monotonic() < give_up_at, job
            time.sleep(0.02)


def open_desk(shelf: Path, folder: Path, **changes: object) -> Desk:
    """A copy of the shelf and an application over it."""
    return Desk(open_place(shelf, folder, **changes))


def words_of(page: str) -> str:
    """The text of the main part of a page in one line, without its markup."""
    main = re.search(r"<main.*?</main>", page, re.DOTALL)
    plain = re.sub(r"<[^>]+>", " ", main.group() if main else page)
    return " ".join(html.unescape(plain).split())
