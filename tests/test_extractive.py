"""Answers quoted from a passage: whole sentences that fit the question, or a plain «no»."""

import pytest

from bot.deadline import Deadline
from bot.llm import AnswerRequest, GenerationReport, Part
from bot.llm.extractive import MAX_ANSWER_CHARS, Extractive
from bot.retrieval import Hit, Passage

NO_ANSWER = "К сожалению, ответа нет. Позвоните нам."
REM = (
    "РЭМ-100 — напольная машина с **наибольшим усилием** 100 кН. Скорость РЭМ-100 — от 0,005 до "
    "500 мм/мин. РЭМ-100 питается от 380 В. Масса РЭМ-100 — 900 кг, габариты — "
    "[в таблице](https://example.org/rem)."
)
TABLE = """Габариты и масса:

| Модель | Масса, кг |
|--------|-----------|
| РЭМ-5  | 85        |
| РЭМ-10 | 160       |

- Поставляется в `ящике`.
1. Хранится в *тепле*.
"""


def hit(text: str, relevance: float = 0.9) -> Hit:
    return Hit(Passage("tech", ("Машины", "РЭМ-100"), text, 0), relevance)


def ask(question: str, *texts: str, query: str = "") -> tuple[list[str], GenerationReport]:
    report = GenerationReport()
    hits = [hit(text) for text in texts]
    request = AnswerRequest(question, (), hits, "", NO_ANSWER, query=query)
    pieces = "".join(Extractive().generate(request, report, Deadline(5)))
    assert pieces.endswith("|")
    return pieces.split("|")[:-1], report


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("Какая скорость у РЭМ-100?", "500 мм/мин"),
        ("От какого напряжения питается машина?", "380 В"),
        ("Какое у неё наибольшее усилие", "100 кН"),
        ("сколько весит, какая масса", "900 кг"),
    ],
)
def test_the_sentence_that_fits_the_question_is_quoted(question: str, holds: str) -> None:
    answer, report = ask(question, REM)
    assert any(holds in sentence for sentence in answer)
    assert not report.refused
    assert report.requests == 0


def test_the_answer_is_whole_sentences_of_the_passage_without_markup() -> None:
    answer, _ = ask("Какое наибольшее усилие и масса у РЭМ-100?", REM)
    plain = REM.replace("**", "").replace("[в таблице](https://example.org/rem)", "в таблице")
    assert all(sentence in plain and sentence.endswith(".") for sentence in answer)


def test_it_is_short() -> None:
    long_passage = " ".join(
        f"Предложение номер {i} о скорости машины и траверсы." for i in range(99)
    )
    answer, _ = ask("Какая скорость траверсы?", long_passage)
    assert len(answer) <= 2
    assert sum(map(len, answer)) <= MAX_ANSWER_CHARS


def test_a_single_long_sentence_is_not_cut() -> None:
    sentence = "Скорость " + ", ".join(f"у модели {i} равна {i} мм/мин" for i in range(20)) + "."
    assert ask("Какая скорость?", sentence)[0] == [sentence]


def test_rows_and_list_items_are_said_as_text() -> None:
    answer, _ = ask("Какая масса РЭМ-10?", TABLE)
    assert "РЭМ-10, 160" in answer
    everything = " ".join(ask("хранится в тепле, поставляется в ящике", TABLE)[0])
    assert not set("|*`#[]") & set(everything)


def test_the_next_passage_is_quoted_when_the_best_says_nothing() -> None:
    answer, report = ask("Какая скорость?", "| |\n|--|\n", REM)
    assert any("500" in sentence for sentence in answer)
    assert not report.refused


@pytest.mark.parametrize("texts", [(), ("",), ("---\n\n***",)])
def test_it_says_plainly_that_there_is_no_answer(texts: tuple[str, ...]) -> None:
    answer, report = ask("Какая скорость?", *texts)
    assert answer == [NO_ANSWER]
    assert report.refused


def test_a_sentence_about_another_machine_is_not_quoted() -> None:
    masses = "РЭМ-100 весит 900 кг. РЭМ-600 весит 4200 кг. Точную массу назовёт инженер."
    answer, _ = ask("Сколько весит РЭМ-600?", masses)
    assert answer[0] == "РЭМ-600 весит 4200 кг."
    assert "РЭМ-100" not in " ".join(answer)


def test_a_passage_about_other_machines_waits_for_one_about_this() -> None:
    masses = "РЭМ-100 весит 900 кг. РЭМ-600 весит 4200 кг."
    own = "Масса РЭМ-200 — 1700 кг."
    assert ask("Сколько весит РЭМ-200?", masses, own)[0] == [own]
    common = "Гарантия на все машины — два года."
    assert ask("Какая гарантия на РЭМ-200?", common, own)[0] == [common]
    assert ask("Сколько весит РЭМ-200?", masses)[0]


def test_a_dependent_question_is_read_with_its_subject() -> None:
    prices = (
        "РЭМ-5 стоит от 900 тысяч. РЭМ-100 стоит от 3 миллионов. РГМ-1000 стоит от 9 миллионов."
    )
    answer, _ = ask("А сколько она стоит?", prices, query="А сколько она стоит? РЭМ-100")
    assert "РЭМ-100 стоит от 3 миллионов." in answer


def test_it_answers_even_when_the_time_is_up() -> None:
    request = AnswerRequest("Какая скорость?", (), [hit(REM)], "", NO_ANSWER)
    late = Deadline(0)
    assert late.expired
    assert "500" in "".join(Extractive().generate(request, GenerationReport(), late))


def test_a_fact_that_no_sentence_tells_is_not_answered_with_another() -> None:
    answer, report = ask("Сколько весит РЭМ-600?", "РЭМ-600 — машина на 600 кН. Масса по запросу.")
    assert answer == [NO_ANSWER]
    assert report.refused


def test_the_price_of_a_machine_is_that_of_the_machine_and_not_of_a_whole_set() -> None:
    text = (
        "Цена РЭМ-100 — по запросу, ориентир от 3,2 миллиона рублей с НДС. Полный комплект РЭМ-100 "
        "для испытаний металла обычно стоит от 3,9 до 4,5 миллиона рублей."
    )
    # The sentences' nearness in meaning is that of the bundled model: the second one is nearer.
    found = Hit(Passage("general", ("Цена РЭМ-100",), text, 0), 0.9, (3.0, 4.0))
    asked = [Part("сколько стоит РЭМ-100", [found]), Part("и какая гарантия", [])]
    request = AnswerRequest("", (), [found], "", NO_ANSWER, parts=asked)
    said = "".join(Extractive().generate(request, GenerationReport(), Deadline(5)))
    assert said == "Цена РЭМ-100 — по запросу, ориентир от 3,2 миллиона рублей с НДС.|"
