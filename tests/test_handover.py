"""When the assistant itself decides that a person is better."""

import pytest

from bot.ari import AriAddress, AriClient
from bot.handover import HandOver
from bot.records import AnswerTrace, BotLine, UserLine, now
from bot.transfer import TransferTarget

TARGET = TransferTarget("people", "person", 1)


def after(dialogue: list[tuple[str, str]], target: TransferTarget | None = TARGET) -> HandOver:
    """A call in which the caller said each of the words and was answered in that way."""
    hand_over = HandOver(AriClient(AriAddress("http://127.0.0.1:1", "", "")), "channel", target)
    for words, reply in dialogue:
        hand_over.note(UserLine(words, words, now()))
        if reply == "apology":
            hand_over.note(BotLine("Простите.", now(), "apology", AnswerTrace()))
        else:
            control = reply if reply not in ("refused", "answered") else ""
            trace = AnswerTrace(control=control, unanswered=reply == "refused")
            hand_over.note(BotLine("Да.", now(), "answer", trace))
    return hand_over


REFUSED = ("Как сварить борщ?", "refused")
ANSWERED = ("Какая гарантия?", "answered")


@pytest.mark.parametrize(
    ("dialogue", "gave_up"),
    [
        ([REFUSED], False),
        ([REFUSED, REFUSED], True),
        ([REFUSED, ANSWERED, REFUSED], False),
        ([REFUSED, ANSWERED, REFUSED, REFUSED], True),
        ([REFUSED, ("Повторите", "repeat"), REFUSED], True),
        ([REFUSED, ("Какая гарантия?", "apology"), REFUSED], True),
        ([REFUSED, ("…", "refused")], False),
    ],
)
def test_two_refusals_in_a_row_are_enough_and_only_answers_count(
    dialogue: list[tuple[str, str]], gave_up: bool
) -> None:
    assert after(dialogue).gave_up is gave_up


def test_with_nobody_to_go_to_the_assistant_never_gives_up() -> None:
    assert not after([REFUSED, REFUSED], target=None).gave_up
