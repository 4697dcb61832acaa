"""Typed questions over HTTP: the real agent over small bases, no paid service."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.llm import Exchange
from tests.agent.parts import NO_ANSWER, write_prompts
from tests.webadmin.answering import Place, open_place
from webadmin.api.dialogues import Dialogues
from webadmin.api.jsonbody import LARGEST_BYTES
from webadmin.questionlimit import MOST_QUESTIONS

STRANGER = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An admin that is only asked."""
    return open_place(built, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def own_place(built: Path, tmp_path: Path) -> Place:
    """An admin whose files a test changes, or whose limits it uses up."""
    return open_place(built, tmp_path)


def test_an_answer_names_its_base_passages_times_and_release(place: Place) -> None:
    answer = place.post("/api/ask", {"text": "Какая гарантия на машины?"}, key=None).get_json()
    assert "24 месяца" in answer["answer"]
    assert answer["answer"] == " ".join(answer["sentences"])
    assert answer["source"] == "general"
    assert answer["passages"][0]["heading"] == "Гарантия"
    assert 0 < answer["passages"][0]["relevance"] <= 1
    assert answer["timings_ms"]["total"] >= answer["timings_ms"]["retrieval"] > 0
    assert answer["trace"]["release"] == 1
    assert answer["trace"]["matched_words"] == ["гарантия"]


def test_what_is_asked_is_what_the_normaliser_makes_of_it(place: Place) -> None:
    answer = place.post("/api/ask", {"text": "Какая скорость у рэм сто?"}).get_json()
    assert answer["question"] == "Какая скорость у РЭМ-100?"
    assert answer["source"] == "tech"


def test_what_the_bases_do_not_hold_is_said_and_marked(place: Place) -> None:
    answer = place.post("/api/ask", {"text": "Кто написал роман «Война и мир»?"}).get_json()
    assert answer["answer"] == NO_ANSWER
    assert answer["source"] is None
    assert answer["trace"]["unanswered"]


def test_small_talk_is_answered_as_on_the_telephone(place: Place) -> None:
    answer = place.post("/api/ask", {"text": "Здравствуйте!"}).get_json()
    assert (answer["answer"], answer["trace"]["control"]) == (
        "Здравствуйте! Слушаю вас.",
        "greeting",
    )


def test_a_session_follows_on_and_others_know_nothing_of_it(place: Place) -> None:
    first = {"text": "Какая скорость у РЭМ-100?", "session": "одна"}
    assert place.post("/api/ask", first).get_json()["session"] == "одна"
    assert place.post("/api/ask", {"text": "Спасибо", "session": "одна"}).status_code == 200

    follow_up = "А сколько она стоит?"
    followed = place.post("/api/ask", {"text": follow_up, "session": "одна"}).get_json()
    stranger = place.post("/api/ask", {"text": follow_up, "session": "другая"}).get_json()
    alone = place.post("/api/ask", {"text": follow_up}).get_json()
    assert followed["trace"]["rewritten"] == "А сколько она стоит? РЭМ-100"
    assert stranger["trace"]["rewritten"] == alone["trace"]["rewritten"] == ""
    assert alone["session"] is None


def test_repeat_gives_the_sessions_last_answer(place: Place) -> None:
    answered = place.post("/api/ask", {"text": "Какая гарантия?", "session": "повтор"}).get_json()
    again = place.post("/api/ask", {"text": "Повторите", "session": "повтор"}).get_json()
    assert again["answer"] == answered["answer"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "text: этого поля не хватает"),
        ({"text": ""}, "text: не может быть пустым"),
        ({"text": 5}, "text: должно быть текстом"),
        ({"text": None}, "text: должно быть текстом"),
        ({"text": ["Гарантия?"]}, "text: должно быть текстом"),
        ({"text": "я" * 20_001}, "text: длиннее 20000 знаков"),
        ({"text": "Гарантия?", "session": ""}, "session: не может быть пустым"),
        ({"text": "Гарантия?", "session": 7}, "session: должно быть текстом"),
        ({"text": "Гарантия?", "session": "ы" * 101}, "session: длиннее 100 знаков"),
        ([], "должно быть набором полей"),
        ("Гарантия?", "должно быть набором полей"),
    ],
)
def test_a_wrong_field_is_named_in_russian(place: Place, body: object, named: str) -> None:
    answer = place.post("/api/ask", body)
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (400, "bad_request")
    assert named in error["message"]


@pytest.mark.parametrize("path", ["/api/ask", "/api/normalize", "/api/prompts", "/api/settings"])
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"text":"\xff\xfe"}', 400),
        (b'{"text":"\\ud800"}', 400),
        (b'{"\\udfff":"x"}', 400),
        (b'{"text":NaN}', 400),
        (b"[" * 100_000, 400),
        (b"null", 400),
        (b'"' + b"x" * 10_000_000 + b'"', 413),
    ],
)
def test_what_is_no_json_is_the_senders_error(
    place: Place, path: str, sent: bytes, status: int
) -> None:
    headers = {"X-API-Key": "ключ-операторов".encode().decode("latin-1")}
    answer = place.client.post(path, data=sent, content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]
    assert place.release == 1


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_page_of_another_site_can_send_is_refused(place: Place, kind: str) -> None:
    for path in ("/api/ask", "/api/normalize"):
        answer = place.client.post(path, data='{"text":"Гарантия?"}', content_type=kind)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (
            415,
            "unsupported_media_type",
        )
        assert "application/json" in answer.get_json()["error"]["message"]


def test_a_page_of_text_is_answered_by_its_beginning(place: Place) -> None:
    answer = place.post("/api/ask", {"text": "Какая гарантия? " * 1250}).get_json()
    assert len(answer["question"]) <= 600
    assert answer["source"] == "general"


def test_words_without_a_letter_get_the_telephones_answer(place: Place) -> None:
    answer = place.post("/api/ask", {"text": " … \x00\u202e "})
    assert (answer.status_code, answer.get_json()["question"]) == (200, "")


def test_the_longest_text_fits_however_it_is_escaped(place: Place) -> None:
    sent = json.dumps({"text": "Ж" * 20_000}, ensure_ascii=True)
    assert len(sent) < LARGEST_BYTES
    assert place.client.post(
        "/api/normalize", data=sent, content_type="application/json"
    ).get_json() == {"raw": "Ж" * 20_000, "normalized": "Ж" * 20_000}


def test_normalize_gives_both_forms(place: Place) -> None:
    raw = "Есть РЭМ на тысячу килоньютон?"
    answer = place.post("/api/normalize", {"text": raw}, key=None)
    assert answer.get_json() == {"raw": raw, "normalized": "Есть РЭМ на тысячу кН?"}
    assert place.post("/api/normalize", {"text": ""}).get_json() == {"raw": "", "normalized": ""}


def test_questions_are_limited_by_address(own_place: Place) -> None:
    def ask(address: str) -> int:
        return own_place.post(
            "/api/ask", {"text": "Угу"}, environ_base={"REMOTE_ADDR": address}
        ).status_code

    assert {ask("127.0.0.1") for _ in range(MOST_QUESTIONS)} == {200}
    refused = own_place.post("/api/ask", {"text": "Угу"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (429, "too_many_requests")
    assert "вопросов" in refused.get_json()["error"]["message"]
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert ask("127.0.0.2") == 200


def test_a_stranger_asks_nothing_without_the_password(own_place: Place) -> None:
    body = {"text": "Какая гарантия?"}
    assert own_place.post("/api/ask", body, environ_base=STRANGER).status_code == 403


def test_without_a_release_the_reason_is_told_and_it_works_once_there_is_one(
    built: Path, tmp_path: Path
) -> None:
    place = open_place(built, tmp_path)
    current = tmp_path / "index" / "current"
    current.rename(tmp_path / "index" / "away")
    refused = place.post("/api/ask", {"text": "Какая гарантия?"})
    assert refused.status_code == 503
    assert "python -m bot.index" in refused.get_json()["error"]["message"]

    (tmp_path / "index" / "away").rename(current)
    assert place.post("/api/ask", {"text": "Какая гарантия?"}).status_code == 200


def test_an_edit_of_the_prompts_file_is_heard_in_the_next_answer(own_place: Place) -> None:
    assert own_place.post("/api/ask", {"text": "Кто такой Пушкин?"}).get_json()["answer"] == (
        NO_ANSWER
    )
    write_prompts(own_place.settings.prompts_file_path, no_answer="Не знаю.")
    later = own_place.post("/api/ask", {"text": "Кто такой Пушкин?"}).get_json()
    assert (later["answer"], later["trace"]["release"]) == ("Не знаю.", 2)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def exchanges(dialogues: Dialogues, session: str) -> list[str]:
    return [exchange.question for exchange in dialogues.history(session)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dialogues(clock: Callable[[], float]) -> Dialogues:
    return Dialogues(most=2, lifetime_s=60.0, clock=clock)


def test_a_dialogue_is_forgotten_when_nobody_went_on(dialogues: Dialogues, clock: Clock) -> None:
    dialogues.add("a", Exchange("1", ""))
    clock.now_s += 59
    dialogues.add("a", Exchange("2", ""))
    clock.now_s += 59
    assert exchanges(dialogues, "a") == ["1", "2"]
    clock.now_s += 1
    assert exchanges(dialogues, "a") == []


def test_the_dialogue_used_longest_ago_makes_room(dialogues: Dialogues) -> None:
    for session in ("a", "b", "a", "c"):
        dialogues.add(session, Exchange(session, ""))
    assert [exchanges(dialogues, session) for session in "abc"] == [["a", "a"], [], ["c"]]


def test_a_dialogue_keeps_as_much_as_on_the_telephone(dialogues: Dialogues) -> None:
    for number in range(9):
        dialogues.add("a", Exchange(str(number), ""))
    assert exchanges(dialogues, "a") == list("345678")
