"""Words that mean the same to somebody who asks a company about its goods, services and terms.

A caller says «почём» where a base says «цена», «привезёте» where it says «доставка». The groups
are everyday Russian and not the words of one trade; a word may belong to several.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

_GROUPS: Final = """
цен ценник стои прайс почем дорого дорогой дорогая дороже дешев обойд рубл руб. тариф расцен
скид подешев дешев акци бонус уступ
купи покуп приобре прода заказ закаж
аренд прокат напрокат снять сниму сдае сдад
плат оплат платеж платит заплат предоплат аванс вперед взнос внес
рассроч частями отсроч
достав привез привоз довез завез отправ отгруз отгруж пересыл присла пришл перевоз везе возит
самовывоз забра заберу
срок срока сроки время времени долго когда дней дня день недел месяц ждать скоро длит займет
часто периодич интервал
гарант
ремонт отремонт почин чинит чините слома поломк неисправ диагност
верн возвра обмен
сервис техподдерж поддержк обслужив
поверк поверя повери поверен
обуч науч курс тренинг
адрес наход располож проех доех добра проезд
телефон позвон звони номер дозвон связат контакт
почт мейл имейл email mail электронк
час. часы часов график режим расписан выходн суббот воскрес будн обед
компан фирм завод предприят организац
производ выпуска изготавл изготовл
вес. веса весе весит весят масс тяжел кг. килограмм кило. тонн т.
мощност квт. киловатт потребл жрет
напряжен вольт питан питает питают розетк электросет
размер габарит
высот выше высок повыше
усили нагруз кн. килоньют ньютон
скорост быстр медлен
точн погрешн поточн
градус температур холод мороз тепл жарк нагре
шум громк тих. тихо тише децибел
программ софт приложен
windows виндовс винда операционн
linux линукс
excel эксел
документ бумаг. бумаги накладн
сертифик свидетельств деклар
комплект прилага вместе
запчаст запасн
демонстр показ покаж посмотр увид
договор контракт
инженер специалист мастер наладчик
менеджер продажник продаж
устан монтаж монтир пусконалад налад запуск
отлича разниц различ лучше
измер померит замер
испыт тест
растяж растян растяг разрыв рвать порв разорв
сжат сжим раздав давить
изгиб согн загиб
зажим захват зажм
станок станк машин аппарат агрегат оборудован установк прибор
подбор выбра выбир подобр подойд подход
модерн обнов переделат
максимал наибольш предел самая самый
минимал наименьш
процент %
"""
_WHOLE: Final = "."
"""Ends a word of a group that counts only whole; the others are beginnings of words."""


def _groups() -> dict[str, frozenset[str]]:
    lines = enumerate(_GROUPS.split("\n"))
    pairs = sorted((word, f"#{number}") for number, line in lines for word in line.split())
    grouped = groupby(pairs, key=lambda pair: pair[0])
    return {word: frozenset(group for _, group in found) for word, found in grouped}


_MEANINGS: Final = _groups()
_NONE: Final[frozenset[str]] = frozenset()


@lru_cache(maxsize=1 << 16)
def meanings_of(word: str) -> frozenset[str]:
    """The names of the groups («#1») that a word belongs to; lower case, е for ё."""
    return _NONE.union(*(_MEANINGS.get(start, _NONE) for start in _starts(word)))


def _starts(word: str) -> Iterator[str]:
    yield word + _WHOLE
    yield from (word[:length] for length in range(1, len(word) + 1))
