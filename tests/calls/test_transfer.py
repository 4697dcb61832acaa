"""Callers who want a person get one: handed over on a real Asterisk, heard at both ends."""

import time
from collections.abc import Iterator

import pytest

from bot.ari import AriAddress, AriClient, AriError
from bot.arievents import HANG_UP, TRANSFER
from bot.prompts import read_prompts
from bot.softphone.phone import Call, Phone
from tests.calls.conftest import PEOPLE
from tests.calls.dialogue import PATIENCE_S, ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.humanspeech import human_speech
from tests.lab.openai_server import OpenAIServer
from tests.lab.worker import REPO, Worker

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
NUMBER_TOLD = PROMPTS.small_talk["operator"].answer
NOTICE = PROMPTS.transfer_notice
ANSWER = "Гарантия на машины составляет двадцать четыре месяца."


@pytest.fixture(scope="module")
def short_words() -> bytes:
    """0.8 s of a human's voice."""
    return human_speech("goodbye")


@pytest.fixture
def person(asterisk: Asterisk) -> Iterator[Call]:
    """Somebody at the extension that callers are handed over to."""
    with Phone(asterisk.sip_server) as telephone, telephone.dial("desk") as call:
        yield call


@pytest.fixture
def ari(asterisk: Asterisk) -> Iterator[AriClient]:
    """What an operator's page commands the worker by."""
    client = AriClient(AriAddress(asterisk.http_url, asterisk.ari_user, asterisk.ari_password))
    yield client
    client.close()


def assert_they_hear_each_other(caller: Call, person: Call, words: bytes) -> None:
    for one, other in ((caller, person), (person, caller)):
        hear_out(other)
        one.play(words)
        assert one.wait_played()
        said_at = one.speech_sent_at[-len(words) // 320]
        assert other.wait_speech(said_at, PATIENCE_S) is not None


def meet(caller: Call) -> None:
    """Wait for the first sound of the greeting; the rest is interrupted."""
    assert caller.wait_speech(time.monotonic(), PATIENCE_S) is not None


def caller_channel(asterisk: Asterisk) -> str:
    """The channel of the only caller that is with the assistant."""
    ours = [one for one in asterisk.channels() if one["dialplan"]["app_name"] == "Stasis"]
    (caller,) = (one for one in ours if one["name"].startswith("PJSIP/"))
    return str(caller["id"])


def spoken(record: dict[str, object]) -> list[tuple[str, str]]:
    """Kind and text of what the assistant said after its greeting."""
    lines = record["lines"]
    assert isinstance(lines, list)
    return [(line["kind"], line["text"]) for line in lines if line["role"] == "bot"][1:]


def test_who_asks_for_an_operator_is_handed_over_and_nothing_of_ours_is_left(
    worker: Worker,
    asterisk: Asterisk,
    phone: Phone,
    openai_service: OpenAIServer,
    person: Call,
    short_words: bytes,
) -> None:
    openai_service.plan.transcript = "Соедините с оператором, пожалуйста"
    with phone.dial("100") as caller:
        hear_greeting(caller)
        ask(caller, short_words)
        record = worker.wait_for_call()
        assert_they_hear_each_other(caller, person, short_words)
        assert len(asterisk.channels()) == 2
        assert [one for one in asterisk.bridges() if one["name"].startswith("mv-")] == []
    assert record["status"] == "Transferred"
    assert record["lines"][1]["text"] == "Соедините с оператором, пожалуйста"
    assert spoken(record) == [("transfer", NOTICE)]


def test_key_0_leads_to_a_person_even_over_the_greeting_and_however_often_it_is_pressed(
    worker: Worker, phone: Phone, person: Call, short_words: bytes
) -> None:
    with phone.dial("100") as caller:
        meet(caller)
        caller.send_dtmf("0000")
        record = worker.wait_for_call()
        assert_they_hear_each_other(caller, person, short_words)
    assert record["status"] == "Transferred"
    assert [line.get("raw") for line in record["lines"] if line["role"] == "user"] == ["0"]
    assert spoken(record) == [("transfer", NOTICE)]


def test_after_two_refusals_in_a_row_the_assistant_hands_over_by_itself(
    worker: Worker,
    phone: Phone,
    openai_service: OpenAIServer,
    person: Call,
    short_words: bytes,
) -> None:
    with phone.dial("100") as caller:
        meet(caller)
        openai_service.plan.transcript = "Как приготовить борщ?"
        ask(caller, short_words)
        openai_service.plan.transcript = "Какая погода в Сочи?"
        ask(caller, short_words)
        record = worker.wait_for_call()
        assert_they_hear_each_other(caller, person, short_words)
    assert record["status"] == "Transferred"
    assert spoken(record) == [("answer", PROMPTS.no_answer)] * 2 + [("transfer", NOTICE)]


def test_without_a_place_to_go_to_callers_are_told_the_number_and_the_call_goes_on(
    worker: Worker,
    asterisk: Asterisk,
    phone: Phone,
    openai_service: OpenAIServer,
    short_words: bytes,
) -> None:
    asterisk.console(f"dialplan remove context {PEOPLE['TRANSFER_CONTEXT']}")
    try:
        with phone.dial("100") as caller:
            meet(caller)
            caller.send_dtmf("0")
            heard_at = caller.wait_speech(time.monotonic(), PATIENCE_S)
            openai_service.plan.transcript = "Позовите оператора"
            ask(caller, short_words)
            assert heard_at is not None
            assert caller.ended_by is None
    finally:
        asterisk.console("dialplan reload")
    record = worker.wait_for_call()
    assert record["status"] == "Completed"
    assert next(line["raw"] for line in record["lines"] if line["role"] == "user") == "0"
    assert spoken(record) == [("answer", NUMBER_TOLD)] * 2


def test_a_star_breaks_off_what_is_being_said_and_repeats_the_last_answer(
    worker: Worker, phone: Phone, openai_service: OpenAIServer, short_words: bytes
) -> None:
    openai_service.answer("|".join([ANSWER] * 6) + "|")
    openai_service.plan.transcript = "Какое напряжение питания у РЭМ-100?"
    with phone.dial("100") as caller:
        meet(caller)
        ask(caller, short_words)
        caller.send_dtmf("*")
        give_up_at = time.monotonic() + PATIENCE_S
        while not any(line.get("raw") == "*" for line in worker.calls()[-1]["lines"]):
            assert time.monotonic() < give_up_at, "the key was not heard"
            time.sleep(0.1)
    answer, star, again = worker.wait_for_call()["lines"][-3:]
    assert (answer["role"], star["asr_provider"], again["role"]) == ("bot", "dtmf", "bot")
    assert answer["interrupted"]
    assert again["text"].startswith(ANSWER)
    assert again["trace"]["control"] == "repeat"


def test_a_caller_whom_no_person_takes_comes_back_to_the_assistant(
    worker: Worker, asterisk: Asterisk, phone: Phone
) -> None:
    asterisk.console("dialplan set global DESK nobody")
    with phone.dial("100") as caller:
        meet(caller)
        number = len(worker.calls()) - 1
        caller.send_dtmf("0")
        first = worker.wait_for_call(number)
        hear_out(caller)
    again = worker.wait_for_call(number + 1)
    assert first["status"] == "Transferred"
    assert again["lines"][0]["kind"] == "greeting"


def test_an_operator_hands_a_caller_over_or_hangs_up(
    worker: Worker, asterisk: Asterisk, phone: Phone, ari: AriClient, person: Call,
    short_words: bytes,
) -> None:  # fmt: skip
    with phone.dial("100") as caller:
        meet(caller)
        ari.send_user_event(worker.app(), TRANSFER, caller_channel(asterisk))
        record = worker.wait_for_call()
        assert_they_hear_each_other(caller, person, short_words)
    assert (record["status"], spoken(record)) == ("Transferred", [("transfer", NOTICE)])
    with phone.dial("100") as caller:
        meet(caller)
        channel = caller_channel(asterisk)
        ari.send_user_event(worker.app(), HANG_UP, channel)
        assert caller.ended.wait(PATIENCE_S)
        assert caller.ended_by == "them"
    assert worker.wait_for_call()["status"] == "NoInput"
    with pytest.raises(AriError):
        ari.send_user_event(worker.app(), HANG_UP, channel)
