"""The play clock: what was heard of what was sent."""

import pytest

from bot.playout import Playout
from bot.russian.spoken import speakable

TEN_WORDS = "один пять семь мама папа сыну дело слон река море"


def _playing(seconds: float = 5.0) -> Playout:
    playout = Playout(now=0.0)
    playout.sentence(TEN_WORDS)
    playout.sent(seconds, now=0.0)
    return playout


@pytest.mark.parametrize(("after_s", "words"), [(0.0, 0), (1.0, 2), (2.5, 5), (4.9, 10)])
def test_words_are_heard_in_proportion_to_the_time_played(after_s: float, words: int) -> None:
    assert _playing().heard(after_s) == " ".join(TEN_WORDS.split()[:words])


def test_the_clock_stands_still_while_paused_and_when_everything_was_played() -> None:
    playout = _playing()
    playout.pause(1.0)
    assert playout.ahead_s(4.0) == pytest.approx(4.0)
    playout.resume(4.0)
    assert playout.ahead_s(5.0) == pytest.approx(3.0)
    assert playout.ahead_s(99.0) == 0.0
    playout.sent(1.0, 100.0)
    assert playout.ahead_s(100.5) == pytest.approx(0.5)


def test_a_mark_sets_the_clock_forward_and_never_back() -> None:
    playout = _playing()
    playout.sentence("второе предложение")
    playout.sent(2.0, 0.0)
    playout.played_to_end_of(0, 4.5)
    assert playout.ahead_s(4.5) == pytest.approx(2.0)
    playout.played_to_end_of(0, 6.0)
    assert playout.ahead_s(6.0) == pytest.approx(0.5)


def test_a_sentence_without_sound_was_not_heard() -> None:
    playout = _playing(1.0)
    playout.sentence("этого никто не слышал")
    assert playout.heard(50.0) == TEN_WORDS


def test_a_sentence_that_is_announced_while_another_plays_was_not_heard_yet() -> None:
    playout = _playing(3.0)
    playout.sentence("следующее")
    assert playout.heard(1.5) == " ".join(TEN_WORDS.split()[:5])


@pytest.mark.parametrize("asked", range(0, 100, 5))
def test_what_was_heard_of_uneven_words_is_right_to_a_word(asked: int) -> None:
    text = "Машина РЭМ-100 стоит 3200000 рублей и весит не более полутора тонн, доставка 5 дней."
    spoken = speakable(text)
    playout = Playout(now=0.0)
    playout.sentence(text)
    playout.sent(len(spoken) * 0.065, now=0.0)
    said = spoken[: len(spoken) * asked // 100]
    heard = playout.heard(len(said) * 0.065).split()
    whole = len([word for word in text.split() if speakable(word) in said])
    assert abs(len(heard) - whole) <= 1
    assert text.startswith(" ".join(heard))
