"""The admin is killed in the middle of a publication: what the operator wrote is still there."""

import html
import time
from pathlib import Path

import requests

from tests.agent.parts import GENERAL
from tests.lab.admin import Admin
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.webadmin.answering import KEY, place_environment
from tests.webadmin.knowledgelab import KNOWLEDGE, PARKING, open_desk, words_of


def test_a_publication_that_was_killed_is_told_and_can_be_begun_again(
    shelf: Path, tmp_path: Path
) -> None:
    desk = open_desk(shelf, tmp_path)
    with OpenAIServer() as service:
        service.plan.embedding_s = 600.0
        slow = {
            "EMBEDDINGS_PROVIDER": "openai",
            "OPENAI_API_KEY": service.key,
            "OPENAI_BASE_URL": service.base_url,
        }
        admin = Admin(place_environment(tmp_path, **slow), free_port())
        with admin:
            draft = save(admin.url, PARKING)
            assert service.wait_for("embedding", within_s=60)
            admin.kill()
    assert (desk.release, desk.text()) == (4, GENERAL)
    with Admin(place_environment(tmp_path), free_port()) as admin:
        page = words_of(requests.get(admin.url + draft, timeout=30).text)
        assert "Не опубликовано: Программа была остановлена" in page
        assert "+ ## Парковка" in page
        requests.post(f"{admin.url}{draft}/publish", headers=key(), timeout=30)
        give_up_at = time.monotonic() + 60
        while "Опубликован выпуск 5" not in requests.get(admin.url + draft, timeout=30).text:
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
    assert desk.text() == PARKING


def save(site: str, text: str) -> str:
    """The path of the draft that the editor's form became."""
    answer = requests.post(
        f"{site}{KNOWLEDGE}/general/edit", {"text": text, "based_on": "4"},
        headers=key(), timeout=30, allow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 303, html.unescape(answer.text)
    return answer.headers["Location"]


def key() -> dict[str, bytes]:
    return {"X-API-Key": KEY.encode()}
