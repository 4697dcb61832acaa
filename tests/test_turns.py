"""The turn machine on a virtual clock: every wait, interruption and reminder."""

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
    SpeechBegan,
    SpeechEnded,
    StartAsr,
    Tick,
    TurnAction,
    TurnEvent,
    VoiceStarted,
    VoiceStopped,
)
from bot.turns import TurnMachine

QUESTION = "Сколько стоит РЭМ-100?"
TICK_S = 0.02


class VirtualCall:
    """A machine, a clock, and a recogniser that answers after ``asr_s``."""

    def __init__(self, asr_s: float = 0.35) -> None:
        self.now = 100.0
        self.machine = TurnMachine(self.now)
        self.actions: list[tuple[float, TurnAction]] = []
        self._asr_s = asr_s
        self._said: str | None = None
        self._due: list[tuple[float, Recognised]] = []

    def event(self, event: TurnEvent) -> None:
        """Something happens now."""
        for action in self.machine.handle(event, self.now):
            self.actions.append((self.now, action))
            if isinstance(action, StartAsr):
                self._due.append((self.now + self._asr_s, Recognised(action.revision, self._said)))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + TICK_S)
            for at, event in [due for due in self._due if due[0] <= self.now]:
                self._due.remove((at, event))
                self.event(event)
            self.event(Tick())

    def say(self, text: str | None, seconds: float) -> None:
        """The caller speaks for ``seconds``; a recogniser would read ``text``."""
        self._said = text
        self.event(VoiceStarted())
        self.wait(seconds)
        self.event(VoiceStopped(self.now))

    def speak(self) -> None:
        """The assistant's utterance begins."""
        self.event(SpeechBegan())

    def kinds(self) -> list[type[TurnAction]]:
        """The types of all actions so far, in order."""
        return [type(action) for _, action in self.actions]

    def when(self, kind: type[TurnAction]) -> float:
        """Seconds from now back to the first action of that type (negative: in the past)."""
        return next(at for at, action in self.actions if isinstance(action, kind)) - self.now

    def only(self, kind: type[TurnAction]) -> list[TurnAction]:
        """All actions of that type."""
        return [action for _, action in self.actions if isinstance(action, kind)]


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


def test_the_machine_never_asks_to_be_woken_in_the_past_or_too_late() -> None:
    call = VirtualCall()
    call.say(QUESTION, 0.5)
    for _ in range(100):
        assert 0.0 < call.machine.wait_s(call.now) <= 0.25
        call.wait(TICK_S)


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


def test_voices_in_the_background_are_not_recognised_at_each_of_their_gaps() -> None:
    call = VirtualCall(asr_s=0.35)
    for _ in range(40):
        call.say("в новостях сегодня сказали что", 1.2)
        call.wait(0.25)
    assert len(call.only(StartAsr)) <= 10


def test_a_key_ends_what_was_being_said_on_both_sides() -> None:
    call = VirtualCall()
    call.say(QUESTION, 0.4)
    call.event(KeyPressed())
    call.wait(0.8)
    assert call.kinds() == [Abandon, Abandon, Discard]
    call.speak()
    call.event(KeyPressed())
    assert call.kinds()[3:] == [Flush, Discard]


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
