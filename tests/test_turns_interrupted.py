"""The turn machine on a virtual clock: who speaks over whom, reminders and the end."""

import itertools

import pytest

from bot.turnevents import (
    Abandon,
    Commit,
    Discard,
    Fill,
    Flush,
    HangUp,
    KeyPressed,
    LastWords,
    Pause,
    Prepare,
    Prompt,
    Recognised,
    Reminder,
    Resume,
    SpeechEnded,
    StartAsr,
    VoiceStarted,
    VoiceStopped,
)
from tests.lab.virtualcall import VirtualCall

QUESTION = "Сколько стоит РЭМ-100?"


@pytest.mark.parametrize("text", [None, "Угу.", "Ага, да-да."])
def test_noise_and_backchannels_over_an_answer_resume_it_within_700_ms(text: str | None) -> None:
    call = VirtualCall()
    call.speak()
    call.wait(1.0)
    call.say(text, 0.4)
    call.wait(0.7)
    assert call.kinds()[0] is Pause
    assert Resume in call.kinds()
    call.wait(2.0)
    assert Flush not in call.kinds()
    assert Commit not in call.kinds()
    assert Discard in call.kinds()


def test_a_pause_ends_even_if_the_recogniser_never_answers() -> None:
    call = VirtualCall(asr_s=60.0)
    call.speak()
    call.say("что-то", 0.3)
    call.wait(0.7)
    assert call.kinds() == [Pause, StartAsr, Resume]


def test_a_question_over_an_answer_pauses_it_at_once_and_ends_it_when_it_is_understood() -> None:
    call = VirtualCall()
    call.speak()
    call.wait(1.0)
    began = call.now
    call.say(QUESTION, 1.5)
    assert call.actions == [(began, Pause())]
    call.wait(1.0)
    assert call.kinds() == [Pause, StartAsr, Flush, Prepare, Commit]


def test_long_noise_over_an_answer_keeps_it_for_afterwards() -> None:
    call = VirtualCall()
    call.speak()
    call.wait(1.0)
    call.say(None, 2.5)
    call.wait(0.7)
    assert call.kinds() == [Pause, StartAsr, Resume, Discard]


def test_noise_without_an_end_over_an_answer_does_not_silence_it_for_long() -> None:
    call = VirtualCall()
    call.speak()
    call.event(VoiceStarted())
    call.wait(5.0)
    assert call.kinds() == [Pause, StartAsr, Resume, Discard]
    call.wait(60.0)
    call.event(VoiceStopped(call.now))
    call.wait(1.0)
    assert call.kinds() == [Pause, StartAsr, Resume, Discard]


def test_words_that_end_while_an_early_look_is_taken_are_recognised_whole() -> None:
    call = VirtualCall()
    call.speak()
    call.say(QUESTION, 4.1)
    assert call.kinds() == [Pause, StartAsr]
    call.wait(1.0)
    assert call.kinds() == [Pause, StartAsr, StartAsr, Flush, Prepare, Commit]


def test_words_without_an_end_over_an_answer_end_it_and_are_recognised_whole_later() -> None:
    call = VirtualCall()
    call.speak()
    call.say(QUESTION, 8.0)
    assert call.kinds() == [Pause, StartAsr, Flush]
    call.wait(1.0)
    assert call.kinds() == [Pause, StartAsr, Flush, StartAsr, Prepare, Commit]


def test_long_words_over_an_answer_that_are_slow_to_be_recognised_end_it_with_a_filler() -> None:
    call = VirtualCall(asr_s=4.0)
    call.speak()
    call.say(QUESTION, 1.5)
    call.wait(1.65)
    assert call.kinds() == [Pause, StartAsr]
    call.wait(0.1)
    assert call.kinds() == [Pause, StartAsr, Flush, Fill]
    call.wait(3.0)
    assert call.kinds()[-2:] == [Prepare, Commit]


def test_long_words_over_an_answer_that_nobody_could_recognise_are_asked_for_again() -> None:
    call = VirtualCall(asr_s=1e9)
    call.speak()
    call.event(VoiceStarted())
    call.wait(1.5)
    call.event(VoiceStopped(call.now))
    call.wait(0.2)
    call.event(Recognised(1, None, failed=True))
    assert call.kinds() == [Pause, StartAsr, Flush, Discard, Prompt]


def test_a_short_command_over_an_answer_stops_it_when_it_is_understood() -> None:
    call = VirtualCall()
    call.speak()
    call.say("Стоп.", 0.35)
    call.wait(0.6)
    assert [kind for kind in call.kinds() if kind is not StartAsr] == [
        Pause,
        Flush,
        Prepare,
        Commit,
    ]


def test_the_longest_call_ends_with_a_word() -> None:
    call = VirtualCall()
    for _ in range(121):
        call.speak()
        call.wait(6.9)
        call.event(SpeechEnded())
    call.speak()
    call.wait(10.0)
    assert call.only(Prompt) == []
    call.event(SpeechEnded())
    assert call.only(Prompt) == [Prompt(Reminder.CLOSING_SOON)]
    for _ in range(8):
        call.speak()
        call.wait(6.9)
        call.event(SpeechEnded())
    assert call.only(Prompt)[1:] == [Prompt(Reminder.TOO_LONG)]
    call.event(SpeechEnded())
    assert call.kinds()[-1] is HangUp


def test_last_words_are_followed_by_hanging_up_and_by_nothing_else() -> None:
    call = VirtualCall()
    call.event(LastWords())
    call.speak()
    call.say(QUESTION, 1.0)
    call.wait(30.0)
    assert call.kinds() == []
    call.event(SpeechEnded())
    assert call.kinds() == [HangUp]


def test_two_short_backchannels_in_a_row_do_not_abort_an_answer() -> None:
    call = VirtualCall()
    call.speak()
    call.wait(1.0)
    call.say("угу", 0.3)
    call.wait(0.25)
    call.say("угу", 0.3)
    call.wait(3.0)
    assert Flush not in call.kinds()
    assert Commit not in call.kinds()


def test_reminders_keep_their_distance_after_an_answer_that_noise_cut_off() -> None:
    call = VirtualCall()
    call.speak()
    call.wait(30.0)
    call.say(None, 1.1)
    call.wait(1.0)
    call.event(SpeechEnded())
    call.wait(40.0)
    times = [at for at, action in call.actions if isinstance(action, Prompt)]
    assert all(later - earlier >= 7.5 for earlier, later in itertools.pairwise(times))


def test_a_recogniser_that_never_answers_does_not_leave_the_caller_waiting_for_ever() -> None:
    call = VirtualCall(asr_s=1e9)
    call.say(QUESTION, 1.0)
    call.wait(14.0)
    assert call.only(Prompt) == [Prompt(Reminder.NOT_HEARD)]


def test_a_key_ends_what_was_being_said_on_both_sides() -> None:
    call = VirtualCall()
    call.say(QUESTION, 0.4)
    call.event(KeyPressed())
    call.wait(0.8)
    assert call.kinds() == [Abandon, Abandon, Discard]
    call.speak()
    call.event(KeyPressed())
    assert call.kinds()[3:] == [Flush, Discard]
