"""An admin whose services are all stand-ins, and what operators do on the settings' pages."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.lab.openai_server import OpenAIServer
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import KEY, Place

SETTINGS = "/logs-ui/settings"
_WAIT_S = 60.0


def service_settings(openai_service: OpenAIServer, yandex: YandexServer) -> dict[str, object]:
    """Recognition, models and synthesis at the stand-ins; the embeddings stay this machine's."""
    named: dict[str, object] = {name.lower(): value for name, value in yandex.environment().items()}
    return named | {
        "llm_provider": "openai", "asr_provider": "openai", "tts_provider": "yandex",
        "openai_api_key": openai_service.key, "openai_base_url": openai_service.base_url,
    }  # fmt: skip


@dataclass
class Panel:
    """The settings' pages of an application, used with the key."""

    place: Place

    def page(self, path: str = "") -> str:
        """A page as it came."""
        answer = self.place.client.get(f"{SETTINGS}{path}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **fields: str) -> TestResponse:
        """What a button of a page sends."""
        headers = {
            "X-API-Key": KEY.encode().decode("latin-1"), "X-Author": quote("Анна"),
            "HX-Request": "true",
        }  # fmt: skip
        return self.place.client.post(f"{SETTINGS}{path}", data=fields, headers=headers)

    def job(self, path: str, **fields: str) -> dict[str, Any]:
        """The job that a button has started, once it has ended."""
        answer = self.post(path, **fields)
        assert answer.status_code == 202, answer.text
        give_up_at = time.monotonic() + _WAIT_S
        while True:
            job = self.place.client.get("/api/jobs").get_json()[0]
            if job["ended_at"] is not None:
                return dict(job)
            assert time.monotonic() < give_up_at, job
            time.sleep(0.02)
