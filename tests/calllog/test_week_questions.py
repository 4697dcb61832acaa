"""Last week's questions, for the settings' page, out of both kinds of database."""

from datetime import timedelta

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from tests.calllog.conftest import Clock
from webadmin.settings.asked import week_questions


def test_both_databases_tell_the_same_of_last_week(calls: CallLog, clock: Clock) -> None:
    asked_at = clock.moment
    for question, scores in (
        ("Какая гарантия?", {"general": 0.5, "tech": 0.25}), ("какая гарантия?", {}),
        ("Где вы находитесь?", {"general": 0.75, "tech": 0.0}),
    ):  # fmt: skip
        number = calls.start_call("+79610000001", "channel", "worker")
        trace = AnswerTrace(first_base="tech", release=3, scores=scores)  # type: ignore[arg-type]
        calls.append(number, UserLine(question, "", clock.moment))
        calls.append(number, BotLine("Да.", clock.moment, trace=trace))
        calls.end_call(number, "Completed")
        clock.moment += timedelta(hours=1)
    with calls.connection() as connection:
        questions, is_cut = week_questions(connection, asked_at + timedelta(days=7))
        later, _ = week_questions(connection, asked_at + timedelta(days=7, hours=1))
    assert [(one.text, one.times, one.call_id) for one in questions] == [
        ("Где вы находитесь?", 1, 3),
        ("какая гарантия?", 2, 2),
    ]
    assert questions[1].recorded[3].best == {"general": 0.5, "tech": 0.25}
    assert (is_cut, [one.times for one in later]) == (False, [1, 1])
