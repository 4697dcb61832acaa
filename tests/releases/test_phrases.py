"""A new greeting is ready to be spoken soon after its release, before a caller needs it."""

import time
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from bot.cache import Cache
from bot.metrics import Metrics
from bot.phrases import fixed_phrases, phrases_ready
from bot.settings import Settings
from bot.speech import Speech
from bot.tts.choose import choose_synthesiser
from tests.agent.parts import write_prompts
from tests.lab.yandex_server import YandexServer
from tests.releases.place import Place


@pytest.fixture
def speech() -> Iterator[Speech]:
    with YandexServer() as server:
        variables = {name.lower(): value for name, value in server.environment().items()}
        settings = Settings(_env_file=None, **variables)  # type: ignore[arg-type, call-arg]
        voice = choose_synthesiser(settings, lambda *_: None, lambda _: None)
        made = Speech(voice, Cache(None, Metrics(CollectorRegistry())))
        yield made
        made.close()


def test_the_phrases_of_each_release_are_made_ready_aside(place: Place, speech: Speech) -> None:
    releases = place.folder_in_service()
    with phrases_ready(speech, releases, look_every_s=0.01):
        assert speech.ready("Да.")
        write_prompts(place.prompts, greeting="Слушаю вас.")
        give_up_at = time.monotonic() + 30
        while not speech.ready("Слушаю вас."):
            assert time.monotonic() < give_up_at
            time.sleep(0.01)
    assert releases.current().number == 2


def test_what_small_talk_answers_is_among_them_sentence_by_sentence(place: Place) -> None:
    prompts = place.folder_in_service().current().prompts
    answer = [
        "Пожалуйста, мы всегда рады вам помочь и ответить.",
        "Спрашивайте ещё, если осталось неясное.",
    ]
    talk = {"thanks": {"phrases": ["спасибо"], "answer": " ".join(answer)}}
    changed = type(prompts).model_validate(prompts.model_dump() | {"small_talk": talk})
    assert fixed_phrases(changed)[-2:] == answer
