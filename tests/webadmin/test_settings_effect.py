"""What another threshold does to questions whose scores are known, and its picture."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.calllog import CallLog
from bot.calllog.turns import TURNS
from bot.golden import GoldenQuestion
from bot.records import AnswerTrace, BotLine, UserLine
from bot.retrieval import Base
from bot.settings import Settings
from webadmin.settings.asked import MOST_TURNS, Question, golden_questions, week_questions
from webadmin.settings.effect import Effect, Scored, verdict
from webadmin.settings.picture import STEPS, areas
from webadmin.settings.scorebook import Scores

NOW = datetime(2025, 8, 8, 12, 0, tzinfo=UTC)


def scored(general: float, tech: float, first: Base = "general", times: int = 1) -> Scored:
    scores = Scores(first, {"general": general, "tech": tech})
    return Scored(Question("Вопрос", f"{general} {tech} {first}", times=times), scores)


def effect(old: float, new: float, *asked: Scored) -> Effect:
    return Effect(asked, old, new)


def test_a_higher_threshold_refuses_what_lies_below_it_and_not_what_lies_on_it() -> None:
    tried = effect(0.2, 0.5, scored(0.5, 0.0), scored(0.49, 0.0, times=3), scored(0.1, 0.1))
    assert tried.kinds == {"refused": 3}
    assert (tried.before["refused"], tried.after["refused"]) == (1, 4)
    assert tried.total == 5


def test_a_lower_threshold_answers_what_was_refused() -> None:
    tried = effect(0.5, 0.2, scored(0.3, 0.1), scored(0.1, 0.3, times=2))
    assert tried.kinds == {"answered": 3}
    assert [one.after for one in tried.switched] == ["tech", "general"]


def test_a_first_base_that_falls_below_leaves_the_question_to_a_somewhat_better_one() -> None:
    tried = effect(0.2, 0.62, scored(0.6, 0.65))
    assert [(one.before, one.after, one.kind) for one in tried.switched] == [
        ("general", "tech", "moved")
    ]


def test_the_same_threshold_changes_nothing() -> None:
    assert effect(0.4, 0.4, scored(0.4, 0.4), scored(0.1, 0.9)).switched == []


def test_without_questions_there_is_nothing_to_count() -> None:
    assert (effect(0.1, 0.9).total, effect(0.1, 0.9).switched) == (0, [])


def heights(asked: list[Scored], threshold: float) -> dict[str, float]:
    """How much of the picture each verdict has at a threshold, in hundredths."""
    found: dict[str, float] = {}
    for area in areas(asked):
        points = [tuple(map(float, pair.split(","))) for pair in area.points.split()]
        at = round(threshold * STEPS)
        (_, upper), (_, lower) = points[at], points[-1 - at]
        found[area.verdict] = round(lower - upper, 2)
    return found


@pytest.mark.parametrize("step", range(STEPS + 1))
def test_the_picture_shows_at_each_threshold_what_the_choice_says(step: int) -> None:
    asked = [
        scored(0.3, 0.7), scored(0.7, 0.75, "tech"), scored(0.0, 0.0), scored(1.0, 0.2),
        scored(0.6, 0.65), scored(0.456, 0.123, "tech"), scored(0.57, 0.57), scored(0.1, 0.999),
    ]  # fmt: skip
    threshold = step / STEPS
    said = [verdict(one.scores, threshold) for one in asked]
    expected = {kind: round(100 * said.count(kind) / len(asked), 2) for kind in set(said)}
    assert {kind: high for kind, high in heights(asked, threshold).items() if high} == expected


class Clock:
    """Moments that a test chooses."""

    moment = NOW

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(settings: Settings, clock: Clock) -> CallLog:
    return CallLog(settings.database_address, clock=clock)


def ask(log: CallLog, clock: Clock, *turns: tuple[str, AnswerTrace], ago_h: float = 1.0) -> int:
    clock.moment = NOW - timedelta(hours=ago_h)
    number = log.start_call("+79610000001", "channel", "worker")
    for question, trace in turns:
        log.append(number, UserLine(question, question, clock.moment))
        log.append(number, BotLine("Да.", clock.moment, trace=trace))
    log.end_call(number, "Completed")
    clock.moment = NOW
    return number


def known(release: int = 1, **fields: object) -> AnswerTrace:
    return AnswerTrace(
        first_base="general", release=release, scores={"general": 0.5, "tech": 0.1},
        **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def week(log: CallLog) -> list[Question]:
    with log.connection() as connection:
        return week_questions(connection, NOW)[0]


def test_a_question_asked_again_counts_twice_and_leads_to_its_last_call(
    log: CallLog, clock: Clock
) -> None:
    ask(log, clock, ("Какая гарантия?", known()), ago_h=5)
    last = ask(log, clock, ("какая гарантия?", known(release=2)), ago_h=2)
    (question,) = week(log)
    assert (question.times, question.call_id) == (2, last)
    assert question.recorded.keys() == {1, 2}


def test_what_is_older_than_a_week_or_no_question_does_not_count(
    log: CallLog, clock: Clock
) -> None:
    ask(log, clock, ("Старый вопрос", known()), ago_h=7 * 24 + 1)
    ask(log, clock, ("Спасибо", AnswerTrace(control="thanks")), ("?!", known()))
    assert week(log) == []


def test_an_answer_out_of_the_cache_has_no_scores(log: CallLog, clock: Clock) -> None:
    ask(log, clock, ("Какая гарантия?", AnswerTrace(first_base="general", cached=True)))
    assert [question.recorded for question in week(log)] == [{}]


def test_the_same_words_about_another_machine_are_another_question(
    log: CallLog, clock: Clock
) -> None:
    ask(log, clock, ("А цена?", known(rewritten="А цена? РЭМ-100")))
    ask(log, clock, ("А цена?", known(rewritten="А цена? РЭМ-200")))
    assert {question.rewritten for question in week(log)} == {"А цена? РЭМ-100", "А цена? РЭМ-200"}


def test_deleted_calls_are_left_out_at_once(log: CallLog, clock: Clock) -> None:
    log.delete_call(ask(log, clock, ("Какая гарантия?", known())))
    assert week(log) == []


def test_of_a_busy_week_the_latest_questions_count(log: CallLog, clock: Clock) -> None:
    number = ask(log, clock, ("Новый вопрос", known()))
    row = {
        "question": "Давний вопрос", "rewritten": "", "lemmas": "", "source": "", "firstBase": "",
        "control": "", "unanswered": False, "cached": False, "interrupted": False, "release": 1,
        "model": "", "fallbacks": "[]", "at": NOW - timedelta(days=3), "callId": number,
    }  # fmt: skip
    with log.connection() as connection:
        connection.execute(TURNS.insert(), [row | {"line": n} for n in range(9, 9 + MOST_TURNS)])
        questions, is_cut = week_questions(connection, NOW)
    assert is_cut
    assert sorted(question.times for question in questions) == [1, MOST_TURNS - 1]


def test_golden_small_talk_and_noise_are_no_questions() -> None:
    golden = [
        GoldenQuestion(id="a", kind="no_answer", question="Сколько стоит слон?"),
        GoldenQuestion(id="b", kind="hostile", question="…"),
        GoldenQuestion(id="c", kind="small_talk", question="Спасибо", control="thanks"),
    ]
    assert [question.text for question in golden_questions(golden)] == ["Сколько стоит слон?"]
