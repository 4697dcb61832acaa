"""Which calls a filter finds, on SQLite and PostgreSQL alike."""

from datetime import timedelta

import pytest

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from tests.calllog.conftest import START, Clock
from tests.calllog.talk import found, one_call


def test_words_are_found_in_any_case_and_with_either_ye(calls: CallLog) -> None:
    first = one_call(calls, "Расчёт НАГРУЗКИ на раму", "tech")
    one_call(calls, "Как оплатить счёт?", "general")
    assert found(calls, CallFilter(q="нагрузки расчет")) == [first]
    assert found(calls, CallFilter(q="РАСЧЁТ")) == [first]
    assert found(calls, CallFilter(q="нагрузки оплатить")) == []


def test_signs_of_the_pattern_language_are_only_signs(calls: CallLog) -> None:
    percent = one_call(calls, "Влажность 50% или 60_70?")
    one_call(calls, "Влажность 50 градусов", caller="1_1")
    assert found(calls, CallFilter(q="50%")) == [percent]
    assert found(calls, CallFilter(q="60_70")) == [percent]
    assert found(calls, CallFilter(q="5_")) == []
    assert found(calls, CallFilter(caller="%")) == []
    assert len(found(calls, CallFilter(caller="1_1"))) == 1


def test_a_source_finds_calls_that_used_it_even_with_the_other(calls: CallLog) -> None:
    general = one_call(calls, "а", "general")
    both = one_call(calls, "б", "tech", "general")
    tech = one_call(calls, "в", "tech")
    neither = one_call(calls, "г")
    assert found(calls, CallFilter(source="general", order="asc")) == [general, both]
    assert found(calls, CallFilter(source="tech", order="asc")) == [both, tech]
    assert found(calls, CallFilter(source="none")) == [neither]
    call = calls.call(both)
    assert call is not None
    assert call.sources == ("general", "tech")


def test_the_first_day_is_included_and_the_end_is_not(calls: CallLog, clock: Clock) -> None:
    numbers = []
    for hours in (0, 24, 48):
        clock.moment = START + timedelta(hours=hours)
        numbers.append(one_call(calls, "Вопрос"))
    day = CallFilter(date_from=START + timedelta(hours=24), date_to=START + timedelta(hours=48))
    assert found(calls, day) == [numbers[1]]


def test_pages_cover_every_call_once_and_the_total_counts_all(calls: CallLog, clock: Clock) -> None:
    for _ in range(7):
        one_call(calls, "Вопрос")  # the same start, so the order hangs on the number
    pages = [calls.calls(CallFilter(limit=3, offset=offset)) for offset in (0, 3, 6)]
    numbers = [call.id for page, _ in pages for call in page]
    assert len(set(numbers)) == 7
    assert numbers == sorted(numbers, reverse=True)
    assert {total for _, total in pages} == {7}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_calls_without_an_end_come_last_in_both_orders(
    calls: CallLog, clock: Clock, order: str
) -> None:
    for seconds in (10, 30):
        clock.moment = START
        number = calls.start_call("101", "channel", "worker-1")
        clock.moment = START + timedelta(seconds=seconds)
        calls.end_call(number, "Completed")
    open_call = calls.start_call("101", "channel", "worker-1")
    wanted = CallFilter(sort="durationS", order="asc" if order == "asc" else "desc")
    durations = [call.duration_s for call in calls.calls(wanted)[0]]
    assert durations == ([10, 30, None] if order == "asc" else [30, 10, None])
    assert found(calls, wanted)[-1] == open_call


def test_a_caller_is_found_by_a_part_of_the_number_and_by_status(calls: CallLog) -> None:
    one_call(calls, "а", caller="+79610000001")
    second = one_call(calls, "б", caller="Sip-Phone-7")
    assert found(calls, CallFilter(caller="sip-phone")) == [second]
    assert found(calls, CallFilter(status="Failed")) == []
    assert len(found(calls, CallFilter(status="Completed"))) == 2


def test_a_number_no_database_can_hold_is_just_not_there(calls: CallLog) -> None:
    assert calls.call(10**30) is None
    assert calls.call(0) is None
    assert calls.call(-1) is None
