"""The speaker against a leg that writes down what it was told."""

import pytest

from bot.audio import silence
from bot.farend import FarEnd
from bot.speaking import AHEAD_S, STALLED_S, WATCHDOG_S, Speaker


class WrittenLeg:
    """An audio leg on paper: what a real one was told is what matters here."""

    channel_id = "paper"

    def __init__(self) -> None:
        self.told: list[str] = []
        self.sent_s = 0.0

    def open(self) -> None: ...

    def begin(self) -> None:
        self.told.append("begin")

    def send(self, pcm: bytes) -> None:
        self.sent_s += len(pcm) / 16_000

    def mark(self, mark: str) -> None:
        self.told.append(f"mark {mark}")

    def finish(self, mark: str) -> None:
        self.told.append(f"finish {mark}")

    def pause(self) -> None:
        self.told.append("pause")

    def resume(self) -> None:
        self.told.append("resume")

    def flush(self) -> None:
        self.told.append("flush")

    def close(self) -> None: ...


@pytest.fixture
def leg() -> WrittenLeg:
    return WrittenLeg()


def _speaking(leg: WrittenLeg, *sentences: tuple[str, float]) -> Speaker:
    speaker = Speaker(leg, FarEnd())
    speaker.begin(0.0)
    for text, seconds in sentences:
        speaker.sentence(text)
        speaker.audio(silence(seconds))
    speaker.pump(0.0)
    return speaker


def test_a_long_utterance_is_sent_ahead_of_its_playing_but_not_all_at_once(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("длинное предложение", 30.0))
    assert AHEAD_S <= leg.sent_s <= AHEAD_S + 0.5
    speaker.pump(10.0)
    assert leg.sent_s == pytest.approx(AHEAD_S * 2, abs=0.5)


def test_nothing_is_sent_while_asterisk_has_no_room(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("длинное предложение", 30.0))
    speaker.flow(on=False)
    sent_s = leg.sent_s
    speaker.pump(5.0)
    assert leg.sent_s == sent_s
    speaker.flow(on=True)
    speaker.pump(5.1)
    assert leg.sent_s > sent_s


def test_an_utterance_ends_by_its_event_or_by_the_watchdog(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("раз", 1.0))
    speaker.complete()
    speaker.pump(0.5)
    assert leg.told[-1] == "finish u1"
    assert speaker.finished_event("u1")
    assert not speaker.finished_event("u0")
    assert not speaker.is_over(1.0)
    assert not speaker.is_over(1.0 + WATCHDOG_S / 2)
    assert speaker.is_over(1.1 + WATCHDOG_S)


def test_a_pause_when_nothing_is_left_to_play_is_taken_back_with_the_utterance(
    leg: WrittenLeg,
) -> None:
    speaker = _speaking(leg, ("раз", 1.0))
    speaker.complete()
    speaker.pump(0.0)
    speaker.pause(1.02)
    speaker.stop(1.65)
    assert leg.told[-1] == "flush"


def test_an_utterance_that_more_was_to_come_of_is_flushed_and_not_taken_for_heard(
    leg: WrittenLeg,
) -> None:
    speaker = _speaking(leg, ("первое предложение", 1.0))
    speaker.sentence("второе предложение")
    speaker.pump(0.1)
    assert speaker.is_unfinished(2.0)
    assert speaker.stop(2.0) == "первое предложение"
    assert leg.told[-1] == "flush"


def test_silence_in_mid_utterance_is_noticed(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("первое предложение", 1.0))
    assert not speaker.is_stalled(0.9)
    assert not speaker.is_stalled(1.5)
    assert speaker.is_stalled(1.0 + STALLED_S)


def test_each_sentence_but_the_last_is_marked(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("раз", 0.5), ("два", 0.5), ("три", 0.5))
    speaker.complete()
    speaker.pump(0.1)
    assert leg.told == ["begin", "mark u1.0", "mark u1.1", "finish u1"]


def test_after_a_lost_leg_the_sentence_is_said_again_and_what_was_heard_stays_right(
    leg: WrittenLeg,
) -> None:
    speaker = _speaking(leg, ("один два", 1.0), ("три четыре", 1.0), ("пять шесть", 8.0))
    del leg.told[:]
    sent_s = leg.sent_s
    speaker.repeat_sentence(1.5)  # in the second
    assert leg.told == ["begin", "mark u1.0", "mark u1.1"]
    assert leg.sent_s - sent_s == pytest.approx(6.0, abs=0.5)  # from it on, as far ahead as ever
    speaker.pause(2.0)
    speaker.repeat_sentence(2.0)  # and once more, in a pause
    assert leg.told[3:] == ["pause", "begin", "pause", "mark u1.0", "mark u1.1"]
    speaker.resume(10.0)
    assert speaker.stop(10.5) == "один два три"


def test_a_leg_that_was_lost_after_the_last_word_only_ends_again(leg: WrittenLeg) -> None:
    speaker = _speaking(leg, ("раз", 0.5))
    speaker.complete()
    speaker.pump(0.1)
    sent_s = leg.sent_s
    speaker.repeat_sentence(0.6)
    assert leg.sent_s == sent_s
    assert leg.told == ["begin", "finish u1", "begin", "finish u1"]
    assert speaker.finished_event("u1")
