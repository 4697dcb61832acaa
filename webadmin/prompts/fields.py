"""The fields of the form: what each is called, what it is for, how long it may be.

A place names a field as wrong ones are named: ``greeting``, ``small_talk.robot.answer``.
"""

from dataclasses import dataclass
from typing import Any

from annotated_types import MaxLen
from pydantic import BaseModel

from bot.prompts import TEXTS, Prompts, SmallTalk
from bot.smalltalk import Control

LONGEST_LINE = 120
"""A phrase or the beginning of a word."""


@dataclass(frozen=True)
class TextField:
    """A text; ``limit`` counts characters."""

    place: str
    title: str
    about: str
    limit: int
    rows: int = 2
    is_spoken: bool = True
    takes_variables: bool = True


@dataclass(frozen=True)
class ListField:
    """Lines of their own, in no order that matters."""

    place: str
    title: str
    about: str
    line: str
    """What one line is called."""


@dataclass(frozen=True)
class TalkField:
    """What callers say to ask for something, and the answer to it."""

    title: str
    about: str
    phrases: ListField
    answer: TextField


def _limit(model: type[BaseModel], name: str) -> int:
    metadata: list[Any] = model.model_fields[name].metadata
    return next(rule.max_length for rule in metadata if isinstance(rule, MaxLen))


def _spoken(name: str, title: str, about: str) -> TextField:
    return TextField(name, title, about, _limit(Prompts, name), takes_variables=name in TEXTS)


def _told(name: str, title: str, about: str, rows: int) -> TextField:
    limit = _limit(Prompts, name)
    return TextField(name, title, about, limit, rows, False, name in TEXTS)


SPOKEN = (
    _spoken("greeting", "Приветствие", "Первые слова каждого разговора. Хватит одного-двух "
            "предложений: звонящий ждёт, когда можно будет спросить."),
    _spoken("idle_prompt", "Звонящий молчит", "Через семь секунд тишины."),
    _spoken("idle_prompt_again", "Звонящий молчит и дальше", "Через пятнадцать секунд тишины. "
            "Хорошо подсказать, о чём можно спросить."),
    _spoken("goodbye", "Прощание после тишины", "Через двадцать пять секунд тишины; потом "
            "помощник кладёт трубку."),
    _spoken("not_heard", "Не расслышал", "Звонящий говорил, но слов не разобрать."),
    _spoken("no_answer", "Ответа нет (отказ)", "Ни в одной базе нет ответа на вопрос. Скажите, "
            "что делать дальше: переспросить, позвонить, написать."),
    _spoken("apology", "Извинение за сбой", "Отказала служба, и заменить её нечем."),
    _spoken("transfer_notice", "Перед переводом на сотрудника", "Совсем коротко: человек уже "
            "ждёт соединения."),
    _spoken("closing_soon", "Осталась минута", "За минуту до конца самого долгого разговора, когда "
            "все молчат."),
    _spoken("recording_notice", "Предупреждение о записи", "После приветствия, если разговоры "
            "записываются (RECORD_CALLS). Кто перебил, услышит его после первого ответа."),
    _spoken("too_long", "Время разговора вышло", "Самый долгий разговор подошёл к концу."),
    _spoken("all_busy", "Все линии заняты", "Вместо приветствия, когда звонков больше, чем "
            "помощник может вести сразу."),
)  # fmt: skip
TOLD = (
    _told("system_prompt", "Указания: как отвечать", "Кто помощник, как говорит и чего не "
          "говорит. Отрывки баз, вопрос и защита от чужих указаний добавятся сами. После каждого "
          "предложения модель должна ставить знак |: по нему начинают говорить, не дожидаясь "
          "конца. Меняйте по одной мысли и проверяйте вопросами.", 14),
    _told("contextualiser_prompt", "Указания: как понимать вопрос по разговору", "Как прочесть "
          "«а сколько она стоит?», когда раньше говорили о РЭМ-100. Добавляется со второго "
          "вопроса разговора.", 6),
    _told("asr_terms", "Слова для распознавателя", "Названия, единицы, стандарты, которые трудно "
          "расслышать. Одной строкой, через запятую.", 3),
)  # fmt: skip
FILLERS = ListField(
    "fillers", "Пока ответ готовится", "Если через секунду ответа ещё нет, помощник скажет одну из "
    "этих фраз, каждый раз следующую. Без фраз звонящий ждёт в тишине.", "Фраза",
)  # fmt: skip
ROUTING = tuple(
    ListField(f"routing.{kb}", title, about, "Начало слова")
    for kb, title, about in (
        ("general", "Слова общей базы", "С этих букв начинаются слова вопросов о компании, ценах, "
         "доставке: «достав» — это и «доставка», и «доставите». По ним ответ ищут сначала в общей "
         "базе [general]."),
        ("tech", "Слова технической базы", "То же для вопросов о характеристиках машин: сначала в "
         "технической базе [tech]."),
    )
)  # fmt: skip
_TALK: dict[Control, tuple[str, str, str]] = {
    "operator": ("Позвать человека", "«Соедините с оператором».", "Если перевести некуда."),
    "goodbye": ("Попрощаться", "«До свидания». После ответа помощник кладёт трубку.", ""),
    "slower": ("Говорить медленнее", "«Помедленнее, пожалуйста».",
               "Потом последний ответ повторяется медленнее."),
    "repeat": ("Повторить", "«Повторите», «что?». Повторяется последний ответ.",
               "Если повторять ещё нечего."),
    "robot": ("Спросить, кто говорит", "«Вы робот?», «с кем я говорю?»", ""),
    "presence": ("Проверить связь", "«Алло», «вы меня слышите?»", ""),
    "greeting": ("Поздороваться", "«Здравствуйте».", ""),
    "thanks": ("Поблагодарить", "«Спасибо».", ""),
    "acknowledgement": ("Согласиться", "«Хорошо», «понятно», «ага».", ""),
}  # fmt: skip
CONTROL_TITLES = {control: words[0] for control, words in _TALK.items()}


def talk_field(control: Control) -> TalkField:
    """The fields of one control."""
    title, about, when = _TALK[control]
    place = f"small_talk.{control}"
    return TalkField(
        title,
        about,
        ListField(f"{place}.phrases", "Как об этом просят", "", "Фраза"),
        TextField(f"{place}.answer", "Что отвечать", when, _limit(SmallTalk, "answer")),
    )


TEXT_TITLES = {field.place: field.title for field in (*SPOKEN, *TOLD)}
_LIST_TITLES = {field.place: field.title for field in (FILLERS, *ROUTING)}
_GROUPS = {"small_talk": "Просьбы, на которые отвечают сразу", "variables": "Подстановки"}


def title_of(place: str) -> str:
    """What operators call a place, or a part of the prompts such as ``small_talk``."""
    if place in TEXT_TITLES:
        return TEXT_TITLES[place]
    for known, title in _LIST_TITLES.items():
        if place == known or place.startswith(f"{known}."):
            return title
    group, _, rest = place.partition(".")
    name = rest.partition(".")[0]
    if group == "small_talk" and (control := _control(name)):
        return f"Просьба «{CONTROL_TITLES[control]}»"
    if group == "variables" and name:
        return f"Подстановка {{{name}}}"
    return _GROUPS.get(group, place)


def _control(name: str) -> Control | None:
    return next((control for control in _TALK if control == name), None)
