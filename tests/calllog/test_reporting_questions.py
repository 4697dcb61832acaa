"""The questions of some time, and how those fared that were answered badly or not at all."""

from datetime import timedelta
from typing import Any

from bot.calllog import CallLog
from bot.calllog.log import FinalStatus
from bot.calllog.questions import LoggedQuestion, read_questions
from bot.records import AnswerTrace, BotLine, UserLine
from tests.calllog.conftest import START, Clock

REFUSED = AnswerTrace(unanswered=True, first_base="general", scores={"general": 0.1, "tech": 0.1})
ANSWERED = AnswerTrace(source="general", first_base="general", scores={"general": 0.9})


def call(
    calls: CallLog, *turns: tuple[str, AnswerTrace], status: FinalStatus | None = "Completed"
) -> int:
    number = calls.start_call("101", "channel", "worker-1")
    for words, trace in turns:
        calls.append(number, UserLine(words, words, START))
        calls.append(number, BotLine("Ответ.", START, trace=trace))
    if status:
        calls.end_call(number, status)
    return number


def read(calls: CallLog) -> list[LoggedQuestion]:
    with calls.connection() as connection:
        return read_questions(connection, START, START + timedelta(seconds=1))


def lost(calls: CallLog) -> list[tuple[str, bool]]:
    return [(one.text, one.is_lost) for one in read(calls)]


def test_a_caller_who_leaves_after_a_refusal_is_lost(calls: CallLog) -> None:
    control: dict[str, Any] = {"unanswered": False}
    call(calls, ("Есть парковка?", REFUSED), ("Какая гарантия?", ANSWERED))
    call(calls, ("Есть столовая?", REFUSED))
    call(
        calls, ("Есть вакансии?", REFUSED), ("Оператор", AnswerTrace(control="operator", **control))
    )
    call(calls, ("Есть скидки?", REFUSED), ("Спасибо", AnswerTrace(control="thanks")),
         ("До свидания", AnswerTrace(control="goodbye")))  # fmt: skip
    call(calls, ("Есть гостиница?", REFUSED), status=None)
    assert lost(calls) == [
        ("Есть парковка?", False), ("Какая гарантия?", False), ("Есть столовая?", True),
        ("Есть вакансии?", True), ("Есть скидки?", False), ("Есть гостиница?", False),
    ]  # fmt: skip


def test_an_unlikely_answer_of_the_second_base_is_weak(calls: CallLog) -> None:
    fell_back = {"source": "tech", "first_base": "general"}
    for score in (0.3, 0.8):
        trace = AnswerTrace(scores={"general": 0.1, "tech": score}, **fell_back)  # type: ignore[arg-type]
        call(calls, (f"Вопрос {score}", trace))
    call(calls, ("Своя база", AnswerTrace(source="tech", first_base="tech", scores={"tech": 0.3})))
    call(calls, ("Из кэша", AnswerTrace(cached=True, **fell_back)))  # type: ignore[arg-type]
    assert [(one.text, one.is_weak) for one in read(calls)] == [
        ("Вопрос 0.3", True), ("Вопрос 0.8", False), ("Своя база", False), ("Из кэша", False),
    ]  # fmt: skip


def test_a_question_is_told_as_it_was_searched_for(calls: CallLog) -> None:
    trace = AnswerTrace(unanswered=True, rewritten="Какой вес у РЭМ-100?")
    number = call(calls, ("А вес?", trace))
    (found,) = read(calls)
    assert found == LoggedQuestion(number, START, "Какой вес у РЭМ-100?", True, False, True)


def test_deleted_calls_and_other_times_are_left_out(calls: CallLog, clock: Clock) -> None:
    number = call(calls, ("Есть парковка?", REFUSED))
    call(calls, ("Есть столовая?", REFUSED))
    calls.delete_call(number)
    assert [one.text for one in read(calls)] == ["Есть столовая?"]
    with calls.connection() as connection:
        assert read_questions(connection, START - timedelta(days=1), START) == []
