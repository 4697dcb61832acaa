"""Personal data in what was said: gone; prices, models and dates: untouched."""

import json

import pytest

from bot.masking import mask_number, mask_text
from bot.masking_calls import mask_transcript


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Позвоните на +7 (495) 123 45 67", "Позвоните на ***4567"),
        ("8 (916) 123-45-67, спасибо", "***4567, спасибо"),
        ("номер 89161234567.", "номер ***4567."),
        ("звоните 123-45-67", "звоните ***"),
        ("карта 4276 5500 1234 5678", "карта ***5678"),
        ("паспорт 4509 123456", "паспорт ***3456"),
        ("ИНН 7701234567", "ИНН ***4567"),
        ("почта ivan.petrov+x@mail.co.ru!", "почта ***!"),
        ("пишите иван собака мейл точка ру", "пишите ***"),
        (
            "номер восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь.",
            "номер ***.",
        ),
        ("семь, девять, один, шесть, один, два", "***"),
        ("Восемь-девять-один-шесть-один", "***"),
    ],
)
def test_who_somebody_is_cannot_be_read(said: str, shown: str) -> None:
    assert mask_text(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "",
        "РЭМ-100 и РЭМ-1000-А",
        "цена 1 250 000 рублей",
        "цена один миллион двести пятьдесят тысяч триста рублей",
        "от 0,005 до 500 мм/мин",
        "машины на 100, 200, 300, 500 и 1000 кН",
        "ГОСТ 1497-84, ISO 6892-1",
        "с 9:00 до 18:00, 01.08.2025",
        "сто двадцать пять килоньютон",
        "у меня собака и два кота",
        "2025-08-01",
        "три на четыре на пять",
    ],
)
def test_what_is_asked_about_stays(said: str) -> None:
    assert mask_text(said) == said


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+79610000001", "+7961***0001"),
        ("89610000001", "8961***0001"),
        ("9610000001", "961***0001"),
        ("sip:+79610000001", "sip:+***0001"),
        ("101", "1***"),
        ("Иван Петров", "И***"),
        ("", ""),
    ],
)
def test_callers_can_be_told_apart_and_not_called(number: str, shown: str) -> None:
    assert mask_number(number) == shown


def test_masking_twice_changes_nothing_more() -> None:
    for text in ("8 916 123-45-67", "a@b.ru", "семь девять один шесть один"):
        assert mask_text(mask_text(text)) == mask_text(text)


@pytest.mark.parametrize(
    "piece", ["1", "a", "a.", "один ", "a собака ", " ", "+", "a@", "8 (", "@"]
)
def test_a_long_text_is_masked_as_fast_as_it_is_read(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert len(mask_text(text)) <= len(text)


def masked(**line: object) -> dict[str, object]:
    (found,) = json.loads(mask_transcript(json.dumps([line])))
    return dict(found)


def test_what_was_recognised_is_hidden_when_only_the_normaliser_made_it_readable() -> None:
    assert masked(text="8 916 123 45 67", raw="восемь и так далее")["raw"] == "***"
    assert masked(text="Какая гарантия?", raw="какая гарантия")["raw"] == "какая гарантия"


def test_what_was_heard_stays_the_beginning_of_what_was_said() -> None:
    text = "Ваш номер 8 916 123-45-67, верно? Тогда ждите."
    for length in range(len(text)):
        line = masked(text=text, heard=text[:length])
        assert str(line["text"]) == "Ваш номер ***4567, верно? Тогда ждите."
        assert str(line["text"]).startswith(str(line.get("heard", "")))


def test_questions_of_other_callers_in_a_trace_are_masked() -> None:
    trace = {"same_as": "Мой номер 89161234567?", "rewritten": "", "model": "m"}
    shown = masked(text="Да.", trace=trace)["trace"]
    assert shown == {"same_as": "Мой номер ***4567?", "rewritten": "", "model": "m"}


@pytest.mark.parametrize("stored", ["", "{", "{}", "7", '"89161234567"', '[1, "89161234567"]'])
def test_a_damaged_dialogue_is_shown_to_nobody(stored: str) -> None:
    assert "8916" not in mask_transcript(stored)
