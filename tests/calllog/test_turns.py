"""The rows of table ``turns``: what reports and the questions left unanswered are read from."""

import json
from datetime import timedelta

from sqlalchemy import select, true

from bot.calllog import CallLog
from bot.calllog.turns import TURNS
from bot.records import AnswerTrace, BotLine
from tests.calllog.conftest import START
from tests.calllog.talk import asked


def rows(calls: CallLog) -> list[dict[str, object]]:
    with calls.connection() as connection:
        found = connection.execute(select(TURNS).order_by(TURNS.c.callId, TURNS.c.line))
        return [dict(row) for row in found.mappings()]


def test_an_answer_is_a_row_with_all_that_reports_count(calls: CallLog) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    trace = AnswerTrace(
        source="tech",
        first_base="general",
        scores={"general": 0.11, "tech": 0.82},
        release=17,
        cached=True,
        model="gpt-4o-mini",
        fallbacks=["openai: timeout"],
        rewritten="Какие усилия у РЭМ-100?",
    )
    calls.append(number, BotLine("Здравствуйте!", START, "greeting"))
    calls.append(number, asked("А какие усилия?"))
    at = START + timedelta(seconds=4)
    timings = {"asr": 350.5, "answer": 1200.0}
    calls.append(number, BotLine("До ста кН.", at, "answer", trace, timings, True, "До"))  # type: ignore[arg-type]
    (row,) = rows(calls)
    assert json.loads(str(row.pop("fallbacks"))) == ["openai: timeout"]
    assert row == {
        "callId": number, "line": 2, "at": at, "question": "А какие усилия?",
        "rewritten": "Какие усилия у РЭМ-100?", "lemmas": "какой усилие у рэм-100 рэм рэма 100",
        "source": "tech", "firstBase": "general", "scoreGeneral": 0.11, "scoreTech": 0.82,
        "control": "", "unanswered": False, "cached": True, "interrupted": True, "release": 17,
        "model": "gpt-4o-mini", "endpointMs": None, "asrMs": 350.5, "retrievalMs": None,
        "llmFirstTokenMs": None, "ttsFirstAudioMs": None, "answerMs": 1200.0,
    }  # fmt: skip


def test_only_answers_are_turns_each_with_the_question_before_it(calls: CallLog) -> None:
    number = calls.start_call("101", "channel", "worker-1")
    calls.append(number, BotLine("Здравствуйте!", START, "greeting"))
    for question in ("Где вы?", "А когда?"):
        calls.append(number, asked(question))
        calls.append(number, BotLine("Ответ.", START, trace=AnswerTrace(unanswered=True)))
    calls.append(number, BotLine("Вы здесь?", START, "prompt"))
    assert [(row["line"], row["question"]) for row in rows(calls)] == [
        (2, "Где вы?"),
        (4, "А когда?"),
    ]
    with calls.connection() as connection:
        unanswered = select(TURNS.c.line).where(TURNS.c.unanswered == true())
        assert list(connection.execute(unanswered).scalars()) == [2, 4]
