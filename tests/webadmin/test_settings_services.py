"""Every service put to the test from its page, and questions asked again in the background."""

import json
import re
from pathlib import Path

import pytest

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine, now
from tests.lab import openai_faults as faults
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.lab.yandex_rules import SERVICE_KEY
from tests.lab.yandex_server import YandexServer
from tests.webadmin.answering import open_place
from tests.webadmin.knowledgelab import words_of
from tests.webadmin.settingslab import Panel, service_settings
from webadmin import create_app

GUARANTEE, WEATHER = "Какая гарантия на машины?", "Какая завтра погода в Париже?"


@pytest.fixture
def panel(built: Path, tmp_path: Path, openai_service: OpenAIServer, yandex: YandexServer) -> Panel:
    openai_service.forget()
    yandex.grpc.plan.always = yandex.http.plan.always = None
    return Panel(open_place(built, tmp_path, **service_settings(openai_service, yandex)))


def row(page: str, name: str) -> str:
    """The words of one service's row."""
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    return next(words for words in map(words_of, rows) if words.startswith(name))


def test_a_service_that_works_is_shown_with_its_time(panel: Panel) -> None:
    assert "ещё не проверяли" in row(panel.page("/services"), "Модель: основная")
    job = panel.job("/services/model-primary")
    assert (job["state"], job["author"]) == ("done", "Анна")
    shown = row(panel.page("/services"), "Модель: основная")
    assert "работает gpt-4o-mini за" in shown
    assert re.search(r"\d м?с \d\d\.\d\d \d\d:\d\d:\d\d Проверить$", shown)


def test_one_that_fails_says_what_to_do_and_no_secret(
    panel: Panel, openai_service: OpenAIServer
) -> None:
    openai_service.fail("chat", faults.bad_key())
    job = panel.job("/services/model-primary")
    assert job["state"] == "failed"
    assert "Не работает. Ключ не принят" in job["message"]
    page = panel.page("/services")
    assert "не работает ключ не принят" in row(page, "Модель: основная")
    assert openai_service.key not in page + json.dumps(job)


def test_all_are_asked_one_by_one_and_those_that_fail_are_named(
    panel: Panel, yandex: YandexServer
) -> None:
    yandex.grpc.plan.always = "unavailable"
    job = panel.job("/services")
    assert job["state"] == "failed"
    assert "Не работают: Asterisk ARI, Агент, Синтез: Yandex gRPC." in job["message"]
    assert job["message"].endswith("Не работают, но звонки идут и без них: Redis.")
    page = panel.page("/services")
    for name in ("Журнал звонков", "Индекс", "Модель: запасная", "Синтез: Yandex HTTP"):
        assert f"{name} работает" in row(page, name)
    assert SERVICE_KEY not in page


def test_findings_are_still_there_after_a_restart(panel: Panel) -> None:
    panel.job("/services/call-log")
    page = create_app(panel.place.settings).test_client().get("/logs-ui/settings/services").text
    assert "работает sqlite" in row(page, "Журнал звонков")


def test_a_model_is_tried_before_it_is_saved(panel: Panel, openai_service: OpenAIServer) -> None:
    job = panel.job("/services/model-primary", llm_model_primary=" gpt-4.1 ")
    assert job["message"].startswith("gpt-4.1 за")
    assert openai_service.requests("chat")[-1].body["model"] == "gpt-4.1"
    assert "ещё не проверяли" in row(panel.page("/services"), "Модель: основная")
    assert panel.place.release == 1


def test_a_model_without_a_name_is_refused_in_words(panel: Panel) -> None:
    answer = panel.post("/services/model-primary", llm_model_primary="")
    assert answer.status_code == 422
    assert "llm_model_primary: не может быть пустым" in answer.text
    answer = panel.post("/services/model-fallback", llm_model_fallback="")
    assert answer.status_code == 422
    assert "запасная модель не задана" in answer.text


def test_what_is_not_in_use_has_no_button_and_is_refused(built: Path, tmp_path: Path) -> None:
    panel = Panel(open_place(built, tmp_path))
    shown = row(panel.page("/services"), "Синтез: Yandex HTTP")
    assert "не используется" in shown
    assert "YANDEX_API_KEY" in shown
    assert not shown.endswith("Проверить")
    assert panel.post("/services/synthesis-yandex-http").status_code == 422
    assert panel.post("/services/unknown").status_code == 404


def add_call(panel: Panel, *questions: str, **known: object) -> None:
    """A call of today whose answers have no scores, unless they are ``known``."""
    log = CallLog(panel.place.settings.database_address)
    number = log.start_call("+79610000001", "channel", "worker")
    for question in questions:
        log.append(number, UserLine(question, question, now()))
        trace = AnswerTrace(first_base="general", release=1, **known)  # type: ignore[arg-type]
        log.append(number, BotLine("Да.", now(), trace=trace))
    log.end_call(number, "Completed")
    log.close()


def test_recorded_scores_of_these_bases_need_no_asking(panel: Panel) -> None:
    add_call(panel, GUARANTEE, scores={"general": 0.4, "tech": 0.1})
    words = words_of(panel.page("?kb_fallback_threshold=0,5"))
    assert "Не оценены" not in words
    assert "1 станут отказом" in words
    assert f"{GUARANTEE} 1 [general] отказ general 0,40 tech 0,10" in words


def test_scores_of_other_bases_are_asked_again(panel: Panel) -> None:
    add_call(panel, GUARANTEE, WEATHER, scores={"general": 0.4, "tech": 0.1})
    panel.place.post("/api/settings", {"kb_top_k": 4})
    assert "Не оценены" not in words_of(panel.page())  # the bases are the same
    add_call(panel, "Другое?")
    words = words_of(panel.page())
    assert "Не оценены: 1 — их оценки не записаны или относятся к прежним базам" in words


def test_questions_without_scores_are_asked_in_a_job_and_remembered_without_words(
    panel: Panel,
) -> None:
    add_call(panel, GUARANTEE, WEATHER, GUARANTEE)
    assert "Не оценены: 2" in words_of(panel.page())
    job = panel.job("/effect")
    assert (job["state"], job["message"]) == ("done", "Базы спрошены, вопросов: 2.")
    again = Panel(panel.place)
    words = words_of(again.page("?kb_fallback_threshold=0,99"))
    assert "Не оценены" not in words
    assert "Вопросов: 3" in words
    assert "ответит [general] 2 67 %" in words  # the weather is nobody's, whatever the threshold
    kept = [file.read_text() for file in (panel.place.folder / "admin" / "scores").iterdir()]
    assert len(kept) == 1
    assert "гарант" not in kept[0]
    assert panel.post("/effect").status_code == 422


def test_without_calls_the_golden_questions_are_taken_and_it_is_said(panel: Panel) -> None:
    golden = [
        {"id": "a", "kind": "plain", "question": GUARANTEE, "base": "general",
         "headings": ["Гарантия"]},
        {"id": "b", "kind": "off_topic", "question": WEATHER},
        {"id": "c", "kind": "follow_up", "question": "А скорость?", "base": "tech",
         "headings": ["РЭМ-100"],
         "history": [{"question": "Расскажите о РЭМ-100", "answer": "Это машина на 100 кН."}]},
    ]  # fmt: skip
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in golden)
    (panel.place.folder / "golden.jsonl").write_text(lines, "utf-8")
    words = words_of(panel.page())
    assert "звонков с вопросами не было, поэтому взяты проверочные вопросы" in words
    assert "Не оценены: 3 — эти вопросы ещё не задавали" in words
    assert panel.job("/effect")["state"] == "done"
    words = words_of(panel.page())
    assert "ответит [general] 1 33 %" in words
    assert "ответит [tech] 1 33 %" in words
    assert "отказ 1 33 %" in words


def test_a_saved_threshold_is_what_the_next_caller_is_answered_by(
    built: Path, tmp_path: Path
) -> None:
    panel = Panel(open_place(built, tmp_path))
    before = panel.place.post("/api/ask", {"text": GUARANTEE}).get_json()
    assert before["source"] == "general"
    assert panel.post("", kb_fallback_threshold="1", based_on="1").status_code == 200
    after = panel.place.post("/api/ask", {"text": GUARANTEE}).get_json()
    assert (after["source"], after["trace"]["release"]) == (None, 2)


def test_with_neither_calls_nor_golden_questions_the_page_says_so(panel: Panel) -> None:
    assert "сравнить не на чем" in words_of(panel.page())


def test_a_call_log_that_is_away_keeps_nobody_from_the_settings(
    built: Path, tmp_path: Path
) -> None:
    address = f"postgresql+psycopg://bot:db-secret@127.0.0.1:{free_port()}/log"
    panel = Panel(open_place(built, tmp_path, database_url=address))
    assert "Журнал звонков сейчас не читается" in words_of(panel.page())
    assert panel.post("", kb_top_k="5", based_on="1").status_code == 200
    assert panel.place.release == 2
    assert panel.job("/services/call-log")["state"] == "failed"
    assert "db-secret" not in panel.page("/services") + panel.page("/environment")
