"""«Послушать»: a phrase of the form in the configured voice, as callers hear it."""

import io
import re
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.audio import level_dbfs
from bot.errors import BusyError
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import Place, open_place
from tests.webadmin.knowledgelab import words_of
from tests.webadmin.promptslab import PROMPTS
from webadmin.prompts.blueprint import MOST_LISTENED
from webadmin.prompts.spoken import OpenVoice, Preview, SpokenPreviews, opener

_WAIT_S = 30.0


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture
def place(built: Path, tmp_path: Path, yandex: YandexServer) -> Place:
    variables = {name.lower(): value for name, value in yandex.environment().items()}
    return open_place(built, tmp_path, **variables)


def asked(client: FlaskClient, field: str, text: str, **fields: str) -> tuple[int, str]:
    """Press the button of a field; what came back."""
    token = re.search(r'name="csrf-token" content="(.*?)"', client.get(PROMPTS).text)
    assert token is not None
    answer = client.post(
        f"{PROMPTS}/speech",
        data={"place": field, field: text, **fields},
        headers={"X-CSRFToken": token[1], "HX-Request": "true"},
    )
    return answer.status_code, answer.text


def spoken(client: FlaskClient, field: str, text: str, **fields: str) -> str:
    """The fragment of a field once the voice has done with it."""
    status, shown = asked(client, field, text, **fields)
    assert status == 200, shown
    give_up_at = time.monotonic() + _WAIT_S
    while "Голос читает" in shown:
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
        address = re.search(r'hx-get="([^"]+)"', shown)
        assert address is not None
        shown = client.get(address[1]).text
    return shown


def sound_of(client: FlaskClient, shown: str) -> str:
    """The address of the sound in a fragment."""
    address = re.search(r'<audio[^>]* src="([^"]+)"', shown)
    assert address is not None, shown
    return address[1]


def test_a_phrase_is_heard_as_a_caller_hears_it(place: Place, yandex: YandexServer) -> None:
    shown = spoken(
        place.client, "greeting", "Добрый день!\r\nЗвоните:  {телефон}.",
        variable="телефон", value="123",
    )  # fmt: skip
    assert "Так это слышно в телефоне" in shown
    answer = place.client.get(sound_of(place.client, shown))
    assert answer.mimetype == "audio/wav"
    with wave.open(io.BytesIO(answer.data)) as sound:
        assert (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) == (8000, 2, 1)
        assert level_dbfs(sound.readframes(8000)) > -40
    (heard,) = yandex.grpc.plan.heard
    assert heard.text == "Добрый день! Звоните, сто двадцать три."  # as the voice is always told


def test_an_answer_to_small_talk_is_spoken_sentence_by_sentence_as_in_a_call(
    place: Place, yandex: YandexServer
) -> None:
    first, second = "Пожалуйста, мы всегда рады вам помочь и ответить.", "Спрашивайте ещё."
    spoken(place.client, "small_talk.thanks.answer", f"{first} {second}")
    assert len(yandex.grpc.plan.heard) == 2


def test_a_player_may_ask_for_a_part_of_the_sound(place: Place) -> None:
    address = sound_of(place.client, spoken(place.client, "goodbye", "Всего доброго!"))
    answer = place.client.get(address, headers={"Range": "bytes=44-1043"})
    assert (answer.status_code, len(answer.data)) == (206, 1000)


def test_a_stand_by_that_spoke_is_not_taken_for_the_voice(
    place: Place, yandex: YandexServer
) -> None:
    yandex.grpc.plan.always = "unavailable"
    assert "Основной голос не ответил" in spoken(place.client, "goodbye", "Всего доброго!")


def test_what_cannot_be_said_is_told(place: Place, yandex: YandexServer) -> None:
    status, told = asked(place.client, "greeting", "Это {город}.", variable="а", value="б")
    assert (status, told) == (422, "Так не прочесть: подстановки {город} нет; есть {а}.")
    assert asked(place.client, "greeting", "  ") == (400, "Напишите, что сказать.")
    assert asked(place.client, "greeting", "а" * 1001)[0] == 400
    assert "Произносить нечего" in words_of(spoken(place.client, "greeting", "…"))
    assert place.client.get(f"{PROMPTS}/speech/../../etc/sound.wav").status_code == 404
    assert place.client.get(f"{PROMPTS}/speech/none/sound.wav").status_code == 404
    assert yandex.grpc.plan.heard == []


def test_an_address_may_not_listen_without_end(place: Place) -> None:
    for _ in range(MOST_LISTENED):
        assert asked(place.client, "greeting", "…")[0] in (200, 409)
    status, told = asked(place.client, "greeting", "…")
    assert status == 429
    assert "Слишком много прослушиваний с этого адреса" in told


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + _WAIT_S
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def test_the_local_voice_speaks_and_is_let_go_when_nobody_listens(
    built: Path, tmp_path: Path
) -> None:
    closed = threading.Event()
    opened = opener(open_place(built, tmp_path).settings)

    def open_voice() -> OpenVoice:
        voice = opened()

        def close() -> None:
            voice.close()
            closed.set()

        return OpenVoice(voice.speech, voice.fell_back, close)

    others = threads()
    previews = SpokenPreviews(open_voice, kept=1, idle_s=0.05)
    for words in ("Здравствуйте.", "Всего доброго."):
        preview = previews.begin([words])
        wait_until(lambda one=preview: state(previews, one) == "ready")  # type: ignore[misc]
        assert closed.wait(_WAIT_S)
        closed.clear()
    wait_until(lambda: threads() - others == set())


def threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.name == "spoken-previews"}


def state(previews: SpokenPreviews, preview: Preview) -> str:
    found = previews.get(preview.id)
    assert found is not None
    return found.state


def test_who_comes_when_too_many_wait_is_told_to_come_later() -> None:
    may_go_on = threading.Event()

    def open_voice() -> OpenVoice:
        may_go_on.wait(_WAIT_S)
        raise BusyError("Голоса нет.")

    previews = SpokenPreviews(open_voice, most_waiting=2, idle_s=0.05)
    waiting = [previews.begin(["Раз."])]
    wait_until(lambda: previews.waiting == 0)
    waiting += [previews.begin([words]) for words in ("Два.", "Три.")]
    with pytest.raises(BusyError, match="Слишком много фраз"):
        previews.begin(["Четыре."])
    may_go_on.set()
    for preview in waiting:
        wait_until(lambda one=preview: state(previews, one) == "failed")  # type: ignore[misc]
