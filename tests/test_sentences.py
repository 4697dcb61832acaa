"""Sentences cut from a stream, whatever pieces the stream comes in."""

import random
import re

import pytest

from bot.sentences import MAX_CHARS, SentenceCutter, cut_sentences

LONG = (
    "РЭМ-100 рассчитана на усилие до 100 кН, скорость у неё от 0,005 до 500 мм/мин, ход траверсы "
    "1200 мм, питание от 380 В, потребляемая мощность 2,2 кВт, а масса вместе с "
    "пультом составляет 900 кг и требует ровного пола без фундамента в помещении лаборатории"
)
TEXTS = [
    "Гарантия два года.| Её можно продлить.|",
    "Первое предложение достаточно длинное, чтобы его сказать. Второе ещё не кончилось",
    "||  |Да.||\n\n Нет |",
    LONG,
    LONG + ". " + LONG,
    "слово " * 80,
    "10 000 кг " * 60,
    "Мы находимся в г. Нефтекамск, ул. Победы, д. 7, т. е. рядом с вокзалом. Приезжайте к нам.",
]


def streamed(pieces: list[str]) -> list[str]:
    cutter = SentenceCutter()
    sentences = [sentence for piece in pieces for sentence in cutter.feed(piece)]
    return sentences + cutter.flush()


def torn(text: str, seed: int) -> list[str]:
    at = sorted(random.Random(seed).sample(range(len(text) + 1), min(9, len(text))))
    return [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]


def test_a_bar_ends_a_sentence_and_is_never_spoken() -> None:
    assert cut_sentences("Гарантия два года.| Её можно  продлить|Да") == [
        "Гарантия два года.",
        "Её можно продлить",
        "Да",
    ]


def test_the_sentence_comes_with_the_bar_not_later() -> None:
    cutter = SentenceCutter()
    assert cutter.feed("Гарантия два") == []
    assert cutter.feed(" года.|") == ["Гарантия два года."]


@pytest.mark.parametrize("text", ["", " \n\t", "|", " | |\n|", "…|—|.|", "***"])
def test_nothing_to_say_gives_no_sentence(text: str) -> None:
    assert cut_sentences(text) == []


@pytest.mark.parametrize("text", TEXTS)
def test_the_cut_does_not_depend_on_how_the_stream_is_torn(text: str) -> None:
    whole = cut_sentences(text)
    assert streamed(list(text)) == whole
    for seed in range(20):
        assert streamed(torn(text, seed)) == whole


@pytest.mark.parametrize("text", TEXTS)
def test_no_word_is_lost_or_torn_and_no_sentence_is_too_long(text: str) -> None:
    sentences = cut_sentences(text)
    assert " ".join(sentences).split() == text.replace("|", " ").split()
    assert all(len(sentence) <= MAX_CHARS for sentence in sentences)
    assert all(sentence == sentence.strip() and "|" not in sentence for sentence in sentences)


def test_a_forgotten_bar_is_cut_at_the_last_clause_before_the_limit() -> None:
    first = cut_sentences(LONG)[0]
    assert first.endswith("кВт,")
    assert 100 < len(first) <= MAX_CHARS


def test_a_long_sentence_is_cut_even_when_its_bar_comes_late() -> None:
    assert cut_sentences(LONG + "|") == cut_sentences(LONG)


def test_numbers_and_their_units_are_not_parted() -> None:
    text = "масса " + "10 000 кг " * 40
    for sentence in cut_sentences(text):
        assert not re.search(r"\d$", sentence)


def test_a_number_longer_than_the_limit_is_not_torn() -> None:
    digits = "1" * 300
    assert cut_sentences(f"{digits} и всё") == [digits, "и всё"]


def test_a_plain_sentence_end_is_spoken_without_waiting_for_the_bar() -> None:
    cutter = SentenceCutter()
    assert cutter.feed("Гарантия на все машины — двадцать четыре месяца. ") == []
    assert cutter.feed("С") == ["Гарантия на все машины — двадцать четыре месяца."]
    assert cutter.feed("рок.|") == ["Срок."]


def test_a_short_beginning_waits_for_more() -> None:
    assert SentenceCutter().feed("Да. Конечно. Мы") == []


@pytest.mark.parametrize(
    "text",
    [
        "Наш завод стоит уже много лет на окраине, в г. Нефтекамск, Башкортостан",
        "Машину вместе с пультом привезут к вам прямо на склад, т. е. на место",
        "Наименьшая скорость подвижной траверсы у этой машины равна 0. 5 мм/мин",
        "Наша машина для испытаний на растяжение отвечает ГОСТ 28840. Она точная",
        "Документ на поверку за нашу организацию подписывает И. И. Иванов, инженер",
        "Обращайтесь в отдел продаж по адресу, указанному на сайте, ул. Победы",
        "Вы можете выбрать захваты, экстензометры, термокамеры и т. д. по каталогу",
    ],
)
def test_a_full_stop_that_ends_no_sentence_does_not_cut(text: str) -> None:
    assert cut_sentences(text) == [text]


def test_a_question_in_quotes_ends_with_its_closing_quote() -> None:
    text = "На вопрос мы отвечаем так: «Приезжайте и посмотрите!» Мы будем рады."
    assert cut_sentences(text) == [text[: text.index("»") + 1], "Мы будем рады."]
