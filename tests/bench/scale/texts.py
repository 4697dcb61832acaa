"""Synthetic Russian bases: sections of four sentences about machines, and questions about them.

Words are made of prefixes, stems and endings, so that they share letters as Russian words do,
and are used as often as real ones (Zipf). The same number always gives the same section.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 1000
"""Sections made at once."""
SENTENCES = 4
_WORDS_ASKED = 5
_SEED = 20240607
_WORDS = 20_000
_WORDS_IN_SENTENCE = (6, 12)
_PREFIXES = " пере раз под при из до за вы об от про пред без на с в вз со".split(" ")
_STEMS = (
    "авари автомат анализ атмосфер балк бетон болт вал вентил верс верт вес виброметр винт вод "
    "воздух волн вращ врем газ гайк гарант гидравл градус график груз давл данн датч двер "
    "двиг действ деталь диаграм диаметр диск длин договор докум доставк жидк завод зав заготов "
    "зажим заказ замен запас защит звен земл знак зон измер изгиб импульс инструмент испыт "
    "кабел калибр камер канал клапан клин клиент ключ кнопк колон команд комплект конструк "
    "контакт контрол конус корпус край кран круж кручен лент лист лини магнит марк масл масс "
    "материал машин маятник мет механ мест модул молот монтаж мотор мощн нагруз надеж назнач "
    "напряж насос начал обработ образ объем ограничен оператор опор оптик основ отверст отдел "
    "отраж охлажд ошиб пакет панел пар паспорт передач период печат пит плит плотн поверк "
    "поверхн подач подшипник покрыт пол порог поршен постав потреб правил предел прибор привод "
    "провер программ прочн пружин пуск пыл работ рабоч радиус разм разрыв рам растяж расход "
    "режим резерв резин резьб ремонт реш ролик ручк руковод сварк свет сектор серв сет сил "
    "систем скор слой служб смаз сопрот состав спирал срок станд станин ствол стержен стол "
    "стрелк струб сух схем счет таблиц тверд текст тел температур тип ток толщин тонн точ "
    "трав траверс трос труб угл удар узел указ упр уровен усил услов устан утечк фаз фильтр "
    "фланц фонд форм функц хвост ход холод центр цепь цикл цилиндр част чертеж шайб шар шест "
    "шкал шлиф шпиндел шум щит экран электр элемент энерг эталон эффект ядр якор ящик"
).split()
_ENDINGS = (
    "а у ом е ы ов ам ами ах ный ная ное ные ного ной ному ных ным ение ения ению ением "
    "ить ит ят ил или ка ки ку кой ость ости ование ования овать ует"
).split()
_UNITS = "кН мм кг Вт °С МПа об/мин шт мин дней".split()
_KINDS = "Машина Пресс Стенд Копёр Захват Датчик Камера Привод Насос Узел".split()
_SERIES = "РЭМ КМ ТК УВН ИП СБ ПГ МК ДТ ЗК".split()
_ASKED = "какой|сколько|подскажите|как|есть ли|расскажите про|чем".split("|")
NAME = re.compile(r"\b[а-яё]{2,3}-(\d+)\b", re.IGNORECASE)
"""A name as it stands in headings and questions; the number is that of the section."""


@dataclass(frozen=True)
class Section:
    """A heading and the text under it."""

    heading: str
    text: str


def markdown(count: int) -> str:
    """A base of so many sections."""
    parts = [f"## {one.heading}\n{one.text}\n" for one in sections(count)]
    return "# База\n" + "".join(parts)


def sections(count: int) -> Iterator[Section]:
    """The sections 0, 1, … of any base."""
    for first in range(0, count, BLOCK):
        yield from block(first // BLOCK)[: count - first]


def block(number: int) -> list[Section]:
    """:data:`BLOCK` sections, of which the first is ``number * BLOCK``."""
    of = np.random.default_rng((_SEED, number))
    lengths = of.integers(*_WORDS_IN_SENTENCE, (BLOCK, SENTENCES))
    ranks = np.searchsorted(_SHARES, of.random(int(lengths.sum())))
    words = iter(_VOCABULARY[ranks].tolist())
    amounts = of.integers(1, 2000, (BLOCK, 2)).tolist()
    chosen = of.integers(0, 10, (BLOCK, 3)).tolist()
    found = []
    for row in range(BLOCK):
        unit, kind, series = chosen[row]
        name = f"{_SERIES[series]}-{number * BLOCK + row}"
        said = [" ".join([next(words) for _ in range(length)]) for length in lengths[row]]
        told = [f"{said[at]} {name}" for at in range(SENTENCES)]
        told[0] += f" {amounts[row][0]} {_UNITS[unit]}"
        told[-1] += f" {amounts[row][1]} шт"
        text = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in told)
        found.append(Section(f"{_KINDS[kind]} {name}", text))
    return found


def question(section: Section, of: np.random.Generator) -> str:
    """What a caller might ask of a section: some of its words, a few misheard, now and then its
    name."""
    words = [word for word in section.text.lower().replace(".", "").split() if "-" not in word]
    said = of.choice(words, _WORDS_ASKED, replace=False).tolist()
    heard = [word[:-1] if len(word) > 5 and of.random() < 0.4 else word for word in said]
    name = section.heading.lower() if of.random() < 0.3 else ""
    return " ".join([_ASKED[of.integers(len(_ASKED))], *heard, name]).strip()


def _vocabulary() -> NDArray[np.object_]:
    of = np.random.default_rng(_SEED)
    parts = [of.integers(0, len(some), 3 * _WORDS) for some in (_PREFIXES, _STEMS, _ENDINGS)]
    words = [_PREFIXES[a] + _STEMS[b] + _ENDINGS[c] for a, b, c in zip(*parts, strict=True)]
    return np.array(list(dict.fromkeys(words))[:_WORDS], object)


_VOCABULARY = _vocabulary()
_SHARES = np.cumsum(1 / (np.arange(len(_VOCABULARY)) + 5))
_SHARES /= _SHARES[-1]
