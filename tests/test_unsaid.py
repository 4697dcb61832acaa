"""The rest of an answer that was cut short."""

import pytest
from prometheus_client import CollectorRegistry

from bot.deadline import Deadline
from bot.dialogue import Dialogue, Reply
from bot.jobs import Recognition, Utterance
from bot.metrics import Metrics
from bot.unsaid import asks_to_go_on, heard_whole

SENTENCES = ("Гарантия два года.", "Её можно продлить.", "Звоните в отдел продаж.")


@pytest.mark.parametrize(
    "text",
    ["Продолжайте", "продолжайте, пожалуйста", "Дальше.", "Так, и что?", "И что дальше?",
     "извините, продолжайте", "Да, слушаю вас", "говорите", "Ну и?..  Что дальше"],
)  # fmt: skip
def test_who_wants_the_rest_is_understood(text: str) -> None:
    assert asks_to_go_on(text)


@pytest.mark.parametrize(
    "text",
    ["Продолжительность гарантии", "что с доставкой", "да", "нет", "а цена", "дальше не надо",
     "хорошо, спасибо", "", "и что входит в комплект"],
)  # fmt: skip
def test_other_words_do_not_ask_for_the_rest(text: str) -> None:
    assert not asks_to_go_on(text)


def test_a_sentence_that_was_cut_in_its_middle_was_not_heard_whole() -> None:
    whole = " ".join(SENTENCES)
    assert heard_whole(SENTENCES, whole) == 3
    assert heard_whole(SENTENCES, "Гарантия два года. Её можно") == 1
    assert heard_whole(SENTENCES, "") == 0


def _dialogue() -> Dialogue:
    return Dialogue(1, Metrics(CollectorRegistry()), lambda _line: None)


def _reply(text: str, dialogue: Dialogue | None = None) -> Reply:
    reply = Reply(Utterance(Deadline(20)), "answer", Recognition(1, text, text), released=True)
    reply.continues = dialogue.unsaid if dialogue else None
    return reply


def test_the_rest_is_kept_from_the_sentence_that_was_cut_and_ends_with_being_said() -> None:
    dialogue = _dialogue()
    dialogue.said(_reply("Какая гарантия?"), SENTENCES, "Гарантия два года. Её")
    assert dialogue.unsaid is not None
    assert list(dialogue.unsaid.rest) == [*SENTENCES[1:]]
    dialogue.said(_reply("Продолжайте", dialogue), SENTENCES[1:], "Её можно продлить. Звоните")
    assert list(dialogue.unsaid.rest) == [SENTENCES[2]]
    assert dialogue.unsaid.question == "Какая гарантия?"
    assert dialogue.unsaid.said == SENTENCES[:2]
    dialogue.said(_reply("Дальше", dialogue), SENTENCES[2:], None)
    assert dialogue.unsaid is None
    assert [one.question for one in dialogue.exchanges] == ["Какая гарантия?"] * 3
    assert dialogue.exchanges[0].answer == "Гарантия два года. Её"


def test_the_rest_outlives_one_other_answer_and_not_two() -> None:
    dialogue = _dialogue()
    dialogue.said(_reply("Какая гарантия?"), SENTENCES, "Гарантия")
    dialogue.said(_reply("А цена?"), ("Сто рублей.",), None)
    assert dialogue.unsaid is not None
    assert dialogue.unsaid.rest == SENTENCES
    dialogue.said(_reply("А доставка?"), ("Неделя.",), None)
    assert dialogue.unsaid is None


def test_an_answer_that_was_still_being_made_is_kept_though_nothing_of_it_is_left() -> None:
    dialogue = _dialogue()
    dialogue.said(_reply("Какая гарантия?"), SENTENCES[:1], SENTENCES[0], complete=False)
    assert dialogue.unsaid is not None
    assert (dialogue.unsaid.rest, dialogue.unsaid.complete) == ((), False)
