"""Numbers and names with pauses of 1.5 s between their groups are one turn."""

import re

import pytest

from bot.dictation import digit_groups, is_dictation
from bot.endpointing import Completeness, completeness
from bot.turnevents import Commit, Recognised, StartAsr, Tick, VoiceStarted, VoiceStopped
from bot.turns import TurnMachine

PAUSE_S = 1.5
VOICE_IS_NOTICED_S = 0.1
ASR_S = 0.35
DICTATIONS = (
    "8 | 912 | 345 | 67 | 89",
    "Восемь | девятьсот двенадцать | триста сорок пять | шестьдесят семь | восемьдесят девять",
    "Мой номер восемь | девятьсот шестьдесят один | двести | тридцать | сорок",
    "Мой номер | восемь девятьсот | двенадцать тридцать | сорок пять | десять",
    "Запишите телефон | 8-912 | 345-67 | 89",
    "Записывайте. | Восемь. | Девятьсот три. | Сто двадцать. | Пятнадцать. | Ноль семь.",
    "Мой телефон плюс семь | девятьсот два | пятьсот | шестьдесят | одиннадцать",
    "Номер телефона | 8 | 961 | 000 | 00 | 01",
    "Диктую | четыреста девяносто пять | семьсот | двадцать | тридцать один",
    "Девятьсот двенадцать три | четыре пять | шесть семь | восемь девять",
    "Наш ИНН | 0277 | 123 | 456",
    "Запишите ИНН ноль два семь | семь один | два три четыре",
    "Номер договора | 15 | 248 | 7",
    "Номер заказа сто двадцать | тридцать четыре | пять",
    "Меня зовут | Константин",
    "Меня зовут Константин | Константинопольский",
    "Моя фамилия | Щербаков",
    "Фамилия по буквам | эс | и | эм | о | эн",
    "По буквам | щ е | эр б | а к",
    "Записывайте по буквам | эм е | тэ эр | о тэ",
    "Моя почта | иван собака | метротест точка | ру",
    "Электронная почта info | собака | завод точка | ком",
    "Пишите: ivanov@ | metrotest | точка ру",
    "Мой имейл sales | собака mail | точка ru",
    "Мой адрес | Уфа, улица | Мира",
    "Наш номер 347 | 246 | 15 | 80",
    "Запишите: двести сорок шесть | пятнадцать | восемьдесят",
    "8 | 800 | 555 | 35 | 35",
    "Восемь восемьсот | пятьсот пятьдесят пять | тридцать пять | тридцать пять",
    "Телефон восемь девятьсот | сто одиннадцать | двадцать два | тридцать три",
)


def _commits(groups: list[str]) -> list[str]:
    """What a machine takes for turns when the groups are said with long pauses between them."""
    now, said, turns = 100.0, "", list[str]()
    machine = TurnMachine(now)
    for number, group in enumerate(groups):
        said = f"{said} {group}".strip()
        machine.handle(VoiceStarted(), now)
        now += 0.6
        due: list[tuple[float, Recognised]] = []
        actions = machine.handle(VoiceStopped(now), now + 0.1)
        silence_s = PAUSE_S + VOICE_IS_NOTICED_S if number < len(groups) - 1 else 4.0
        for tick in range(5, int(silence_s / 0.02) + 1):
            at = now + tick * 0.02
            for due_at, event in [one for one in due if one[0] <= at]:
                due.remove((due_at, event))
                actions += machine.handle(event, at)
            actions += machine.handle(Tick(), at)
            due += [
                (at + ASR_S, Recognised(action.revision, said))
                for action in actions
                if isinstance(action, StartAsr)
            ]
            turns += [action.text for action in actions if isinstance(action, Commit)]
            actions = []
        now += silence_s
    return turns


@pytest.mark.parametrize("dictated", DICTATIONS)
def test_a_dictation_is_not_cut_off(dictated: str) -> None:
    groups = dictated.split(" | ")
    assert _commits(groups) == [" ".join(groups)]


def test_there_are_thirty_of_them() -> None:
    assert len(DICTATIONS) == 30


@pytest.mark.parametrize(
    "text",
    [
        "Сколько стоит РЭМ-100",
        "сколько стоит рэм сто двадцать пять",
        "Мне нужна машина на 1000",
        "Какой у вас номер телефона",
        "Подскажите ваш адрес",
        "Какая у вас электронная почта",
        "8 912 345 67 89",
        "восемь девятьсот двенадцать триста сорок пять шестьдесят семь восемьдесят девять",
        "Моя почта иван собака метротест точка ру",
        "Мне нужно пять",
        "а в и",
    ],
)
def test_what_is_no_dictation_or_a_whole_one_is_not_waited_for(text: str) -> None:
    assert completeness(text) is not Completeness.DICTATION


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("восемь девятьсот двенадцать", [1, 3]),
        ("сто двадцать пять", [3]),
        ("двадцать пять тридцать", [2, 2]),
        ("девяносто девятнадцать", [2, 2]),
        ("пять шесть", [1, 1]),
        ("8-912 345", [4, 3]),
        ("двести пять и шесть", [1]),
        ("нет", []),
    ],
)
def test_numbers_in_words_are_counted_in_digits(text: str, groups: list[int]) -> None:
    assert digit_groups(re.findall(r"[\w-]+", text)) == groups


@pytest.mark.parametrize(
    "text",
    ["Организация называется Уралметалл.", "Это Фёдоров.", "Получатель Соколов Игорь.",
     "Фамилия контактного лица.", "Почта такая, лаборатория.", "Моё имя Ахметзянова."],
)  # fmt: skip
def test_a_name_that_is_being_told_is_a_dictation(text: str) -> None:
    assert completeness(text) is Completeness.DICTATION


def test_a_question_is_no_dictation() -> None:
    words = "подскажите пожалуйста мой номер заказа".split()
    assert not is_dictation(" ".join(words), words)
