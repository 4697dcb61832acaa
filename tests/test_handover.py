"""When the assistant itself decides that a person is better."""

import pytest

from bot.ari import AriAddress, AriClient
from bot.errors import SettingError
from bot.handover import HandOver
from bot.records import AnswerTrace, BotLine, UserLine, now
from bot.settings import load_settings
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


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CONTEXT": "people"}, "TRANSFER_EXTENSION: required"),
        ({"EXTENSION": "100"}, "TRANSFER_CONTEXT: required"),
        ({"CONTEXT": "people,1", "EXTENSION": "100"}, "TRANSFER_CONTEXT: must be"),
        ({"CONTEXT": "people", "EXTENSION": "100", "PRIORITY": "0"}, "TRANSFER_PRIORITY: must be"),
    ],
)
def test_a_place_that_is_wrong_or_half_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"TRANSFER_{name}", value)
    with pytest.raises(SettingError, match=said):
        load_settings(env_file=None)


def test_a_whole_place_is_where_callers_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(env_file=None).transfer is None
    monkeypatch.setenv("TRANSFER_CONTEXT", "from-internal")
    monkeypatch.setenv("TRANSFER_EXTENSION", "200")
    assert load_settings(env_file=None).transfer == TransferTarget("from-internal", "200", 1)
