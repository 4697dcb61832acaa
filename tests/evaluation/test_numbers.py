"""Numbers and units read alike however they are written, and held against the passages."""

import pytest

from bot.evaluation.numbers import holds_numbers, invented
from bot.evaluation.quantities import quantities


def read(text: str) -> list[tuple[str, str]]:
    return [(quantity.value, quantity.unit) for quantity in quantities(text)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("24 месяца", "двадцать четыре месяца"),
        ("24 месяцев", "двадцати четырёх месяцев"),
        ("900 тысяч рублей", "900 000 руб."),
        ("1,3 миллиона рублей", "1 300 000 рублей"),
        ("3,2 млн. руб.", "три целых две десятых миллиона рублей"),
        ("3200 рублей", "три тысячи двести рублей"),
        ("1 500 рублей", "тысяча пятьсот рублей"),
        ("1\u00a0500 рублей", "1500 рублей"),
        ("10\u202f000 мм", "10000 мм"),
        ("2 200 000 рублей", "два миллиона двести тысяч рублей"),
        ("1,5 года", "полтора года"),
        ("3,5 месяца", "три с половиной месяца"),
        ("50 %", "пятьдесят процентов"),
        ("5 мм/с", "пять миллиметров в секунду"),
        ("3 т/м²", "3 тонны на квадратный метр"),
        ("от 5 до 7 мм", "от 5 мм до 7 мм"),
        ("40–60 рабочих дней", "от сорока до шестидесяти рабочих дней"),
        ("3,9 до 4,5 миллиона рублей", "3,9 миллиона рублей до 4,5 миллиона рублей"),
        ("1050 на 700 на 2200 мм", "1050 мм × 700 мм × 2200 мм"),
        ("от минус 20 до плюс 50 градусов", "от −20 до +50 °C"),
        ("с восьми до семнадцати", "с 8:00 до 17:00"),
        ("с восьми до семнадцати", "с 8 до 17 часов"),
        ("четыре рабочих часа", "4 ч"),
        ("один год", "1 год"),
        ("с 2004 года", "с 2004 г."),
        ("+7 (34783) 0-65-12", "8 34783 06512"),
        ("100кН", "сто килоньютонов"),
        ("до 3-х дней", "до трёх дней"),
        ("12,0 мм", "12 мм"),
    ],
)
def test_two_ways_to_write_a_quantity_are_one(one: str, other: str) -> None:
    assert read(one) == read(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("24 месяца", "24 дня"), ("24 месяца", "2 года"), ("500 мм/мин", "500 мм/с"),
        ("5 кН", "5 Н"), ("3 миллиона рублей", "3 тысячи рублей"), ("−20 °C", "20 °C"),
        ("РЭМ-100", "РЭМ-1000"), ("44-ФЗ", "223-ФЗ"), ("ГОСТ 1497", "ГОСТ 14971"),
        ("+7 (34783) 0-65-12", "+7 (34783) 0-65-11"), ("0,5 мм", "5 мм"), ("50 %", "50 мм"),
    ],
)  # fmt: skip
def test_what_differs_in_number_or_unit_is_not_one(one: str, other: str) -> None:
    assert read(one) != read(other)


def test_designations_and_numbers_of_standards_have_no_unit() -> None:
    text = "РЭМ-100 по ГОСТ Р ИСО 9001 и ISO 6892-1, Windows 10 методик, ГОСТ 12.2.003."
    assert read(text) == [
        ("рэм-100", ""), ("9001", ""), ("6892-1", ""), ("10", ""), ("12.2.003", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["Один из лучших заводов.", "Одна и та же машина.", "", "Да."])
def test_one_without_a_measure_is_no_number(text: str) -> None:
    assert not holds_numbers(text)


PASSAGE = (
    "РЭМ-100\nСкорость РЭМ-100 — от 0,005 до 500 мм/мин. Гарантия 24 месяца, при заказе двух и "
    "более машин скидка 5 процентов. Работаем с восьми до семнадцати."
)


@pytest.mark.parametrize(
    "answer",
    [
        "Скорость РЭМ-100 — до 500 мм/мин.",
        "Гарантия — двадцать четыре месяца.",
        "Скидка 5 % при заказе двух машин.",
        "Работаем с 8:00 до 17:00.",
        "У машины скорость от 0,005 мм/мин.",
        "Гарантия — двадцать четыре.",
        "Да, привезём.",
    ],
)
def test_numbers_of_the_passage_are_not_invented(answer: str) -> None:
    assert invented(answer, ["Другой раздел: 7 дней.", PASSAGE], []) == ()


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ("Гарантия 36 месяцев.", "36 месяцев"),
        ("Гарантия 24 дня.", "24 дня"),
        ("Скорость до 500 мм/с.", "500 мм/с"),
        ("Скорость до пятисот километров в час.", "пятисот км/ч"),
        ("Скидка пять рублей.", "пять рублей"),
        ("Возьмите РЭМ-1000.", "РЭМ-1000"),
        ("Гарантия двадцать пять месяцев.", "двадцать пять месяцев"),
    ],
)
def test_a_number_or_unit_that_stands_nowhere_is_invented(answer: str, wrong: str) -> None:
    assert invented(answer, [PASSAGE], []) == (wrong,)


def test_a_machine_that_the_caller_named_may_be_named_but_a_number_may_not() -> None:
    asked = ["Какая гарантия на РЭМ-300 на 300 кН?"]
    assert invented("На РЭМ-300 гарантия 24 месяца.", [PASSAGE], asked) == ()
    assert invented("У неё усилие 300 кН.", [PASSAGE], asked) == ("300 кН",)


def test_without_passages_every_number_is_invented() -> None:
    assert invented("Скидка 5 % и 7 %.", [], []) == ("5 %", "7 %")
