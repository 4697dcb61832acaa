"""The turn machine on a virtual clock: endpoints, waits and fillers."""

import pytest

from bot.turnevents import (
    Abandon,
    Commit,
    Discard,
    Fill,
    HangUp,
    Prepare,
    Prompt,
    Recognised,
    Reminder,
    SpeechBegan,
    SpeechEnded,
    StartAsr,
    VoiceStarted,
    VoiceStopped,
)
from tests.lab.virtualcall import TICK_S, VirtualCall

QUESTION = "Сколько стоит РЭМ-100?"


def test_a_whole_question_is_committed_as_soon_as_it_is_recognised_and_450_ms_have_passed() -> None:
    call = VirtualCall()
    call.say(QUESTION, 1.5)
    call.wait(1.3)
    assert call.kinds() == [Abandon, StartAsr, Prepare, Commit]
    (commit,) = call.only(Commit)
    assert isinstance(commit, Commit)
    assert commit.text == QUESTION
    assert 0.45 <= commit.endpoint_s <= 0.5


def test_a_slow_recogniser_is_waited_for() -> None:
    call = VirtualCall(asr_s=3.0)
    call.say(QUESTION, 1.5)
    call.wait(3.0)
    assert Commit not in call.kinds()
    call.wait(0.3)
    assert Commit in call.kinds()


@pytest.mark.parametrize(
    ("text", "wait_s"), [("Какая скорость у", 1.6), ("Мне бы машину", 0.9), ("Да", 0.45)]
)
def test_how_long_is_waited_depends_on_what_was_said(text: str, wait_s: float) -> None:
    call = VirtualCall(asr_s=0.1)
    call.say(text, 1.0)
    call.wait(wait_s - 0.05)
    assert Commit not in call.kinds()
    call.wait(0.1)
    assert Commit in call.kinds()


def test_a_pause_inside_a_sentence_drops_what_was_prepared_and_is_recognised_anew() -> None:
    call = VirtualCall(asr_s=0.1)
    call.say("Мне нужна машина", 1.0)
    call.wait(0.5)
    call.say(QUESTION, 1.0)
    call.wait(1.0)
    assert call.kinds() == [Abandon, StartAsr, Prepare, Abandon, StartAsr, Prepare, Commit]


def test_a_late_result_of_an_earlier_revision_is_not_used() -> None:
    call = VirtualCall(asr_s=0.6)
    call.say("Сколько стоит", 1.0)
    call.wait(0.3)
    call.say(QUESTION, 1.0)
    call.wait(2.0)
    (commit,) = call.only(Commit)
    assert isinstance(commit, Commit)
    assert (commit.text, commit.revision) == (QUESTION, 2)


def test_a_caller_who_goes_on_after_the_commit_gets_one_answer_to_all_of_it() -> None:
    call = VirtualCall()
    call.say(QUESTION, 1.0)
    call.wait(0.7)
    assert Commit in call.kinds()
    call.say(QUESTION + " И когда привезёте?", 1.0)
    call.wait(1.0)
    assert call.kinds()[-4:] == [Abandon, StartAsr, Prepare, Commit]


def test_who_speaks_without_an_end_is_answered_at_a_limit_and_not_dropped_for_going_on() -> None:
    call = VirtualCall()
    call._said = QUESTION
    call.event(VoiceStarted())
    call.wait(29.5)
    assert call.kinds() == [Abandon]
    call.wait(1.0)
    assert call.kinds() == [Abandon, StartAsr, Prepare, Commit]
    call.event(VoiceStopped(call.now))
    call.event(VoiceStarted())
    call.wait(0.5)
    call.speak()
    assert call.kinds() == [Abandon, StartAsr, Prepare, Commit]
    call.event(SpeechEnded())
    call.event(VoiceStopped(call.now))
    call.say(QUESTION, 1.0)
    call.wait(1.0)
    assert call.kinds().count(Commit) == 2


def test_who_speaks_without_an_end_and_is_not_recognised_is_told_so() -> None:
    call = VirtualCall(asr_s=1e9)
    call.event(VoiceStarted())
    call.wait(45.0)
    assert call.only(Prompt) == [Prompt(Reminder.NOT_HEARD)]


def test_noise_that_is_no_speech_is_forgotten_and_starts_no_turn() -> None:
    call = VirtualCall()
    call.say(None, 0.5)
    call.wait(2.0)
    assert call.kinds() == [Abandon, StartAsr, Discard]


def test_speech_that_no_service_could_recognise_is_asked_for_again() -> None:
    call = VirtualCall()
    call.event(VoiceStarted())
    call.wait(1.0)
    call.event(VoiceStopped(call.now))
    call.wait(0.2)
    call.event(Recognised(1, None, failed=True))
    assert Prompt(Reminder.NOT_HEARD) in call.only(Prompt)


def test_a_silent_caller_is_asked_twice_and_then_let_go() -> None:
    call = VirtualCall()
    for expected, wait_s in ((Reminder.FIRST, 7.0), (Reminder.SECOND, 8.0)):
        call.wait(wait_s - 0.1)
        assert Prompt(expected) not in call.only(Prompt)
        call.wait(0.2)
        assert Prompt(expected) in call.only(Prompt)
        call.speak()
        call.event(SpeechEnded())
    call.wait(10.0)
    assert call.only(Prompt)[-1] == Prompt(Reminder.GOODBYE)
    call.event(SpeechEnded())
    assert call.kinds()[-1] is HangUp


def test_a_caller_who_speaks_is_not_reminded_and_the_wait_begins_anew() -> None:
    call = VirtualCall()
    call.wait(6.0)
    call.say(QUESTION, 1.0)
    call.wait(1.0)
    call.speak()
    call.wait(5.0)
    call.event(SpeechEnded())
    call.wait(6.8)
    assert call.only(Prompt) == []
    call.wait(0.4)
    assert call.only(Prompt) == [Prompt(Reminder.FIRST)]


def test_the_machine_never_asks_to_be_woken_in_the_past_or_too_late() -> None:
    call = VirtualCall()
    call.say(QUESTION, 0.5)
    for _ in range(100):
        assert 0.0 < call.machine.wait_s(call.now) <= 0.25
        call.wait(TICK_S)


def test_the_machine_asks_to_be_woken_when_a_silent_caller_is_to_be_asked() -> None:
    call = VirtualCall()
    for limit_s in (7.0, 15.0):
        call.wait(100.0 + limit_s - 0.1 - call.now)
        assert call.machine.wait_s(call.now) == pytest.approx(0.1, abs=TICK_S + 1e-6)
        call.wait(0.2)
        call.event(SpeechBegan())
        call.event(SpeechEnded())


def test_voices_in_the_background_are_not_recognised_at_each_of_their_gaps() -> None:
    call = VirtualCall(asr_s=0.35)
    for _ in range(40):
        call.say("в новостях сегодня сказали что", 1.2)
        call.wait(0.25)
    assert len(call.only(StartAsr)) <= 10


def test_who_waits_for_an_answer_hears_a_filler_and_then_another() -> None:
    call = VirtualCall(asr_s=0.1)
    call.say(QUESTION, 1.5)
    call.wait(1.3)
    assert Fill not in call.kinds()
    call.wait(0.1)
    assert call.kinds().count(Fill) == 1
    call.wait(2.9)
    assert call.kinds().count(Fill) == 2
    call.speak()
    call.wait(5.0)
    assert call.kinds().count(Fill) == 2


def test_who_waits_for_a_slow_recogniser_hears_a_filler() -> None:
    call = VirtualCall(asr_s=4.0)
    call.say(QUESTION, 1.5)
    call.wait(1.65)
    assert Fill not in call.kinds()
    call.wait(0.1)
    assert call.kinds().count(Fill) == 1


def test_a_prompt_answer_and_a_caller_who_goes_on_hear_no_filler() -> None:
    call = VirtualCall(asr_s=0.1)
    call.say(QUESTION, 1.5)
    call.wait(1.0)
    call.say(QUESTION, 3.0)
    call.wait(1.0)
    call.speak()
    call.wait(5.0)
    assert Fill not in call.kinds()
