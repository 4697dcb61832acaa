"""Which fact a question asks for (a price, a weight, a date …), and which a sentence tells.

A passage about the right thing that does not tell what was asked is no answer: «сколько весит
камера» must not be answered by what the chamber's temperature is.
"""

import re
from typing import Final

from bot.search.folding import fold


def _fact(asks: str, tells: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Beginnings of words (or, with «\\b», whole words) that ask for a fact; what tells it."""
    return re.compile(rf"\b(?:{asks})"), re.compile(tells)


_FACTS: Final = {
    "price": _fact(
        r"почем\b|цен[аыуе]\b|ценой|ценник|стоимост|расцен|платн|дорого\b|дороже|подороже|дешев"
        r"|подешев|обойдется|обойдутся|во сколько (?:\w+ )?(?:выйд|встан)"
        r"|сколько\b[^.?!]*\b(?:стоит|стоят|стоить)\b|сколько (?:вы )?(?:берете|возьмете|просите)"
        r"|(?:стоит|стоят|стоить)\b[^.?!]*\bсколько",
        r"руб|₽|\bтысяч|\bмиллион|бесплатн|\bцен|стои|дороже|дешевле|платн|%|процент",
    ),
    "weight": _fact(
        r"вес\b|веса\b|весом\b|весит|весят|масс[аыуе]\b|тяжел"
        r"|сколько (?:тонн|килограмм|кило|кг|т)\b",
        r"\bкг\b|тонн|\bт\b|\bвес(?:а|ит|ят|ом)?\b|\bмасс|килогр",
    ),
    "height": _fact(r"высот|какой высоты|насколько высок", r"высот|высок|\bвыше|габарит"),
    "width": _fact(r"ширин", r"ширин|широк|габарит"),
    "length": _fact(r"длин[аыуе]\b|какой длины", r"длин|габарит"),
    "thickness": _fact(r"толщин[аыуе]\b", r"толщин|\bмм\b"),
    "diameter": _fact(r"диаметр", r"диаметр|\bмм\b"),
    "size": _fact(
        r"размер|габарит|сколько (?:метр|миллиметр|сантиметр)",
        r"\bм\b|\b[мс]м\b|метр|размер|габарит|высот|ширин|длин|диаметр",
    ),
    "power": _fact(r"мощност|киловатт|квт\b|потребля|жрет|сколько электр", r"\bквт\b|мощност|ватт"),
    "force": _fact(r"усили[еяю]\b|сколько (?:килонь|кн\b|ньют)", r"\bкн\b|усили|кгс|ньютон"),
    "voltage": _fact(r"вольт|напряжени|розетк", r"\d в\b|вольт|розетк|напряжени"),
    "speed": _fact(r"скорост", r"\bк?м+/|скорост"),
    "pressure": _fact(r"давлени[ея]\b", r"\bбар\b|мпа|атм|давлени"),
    "volume": _fact(
        r"литр|объем|сколько (?:\w+ )?(?:масла|воды|жидкости|топлива|краски|газа)\b",
        r"литр|\bл\b|объем",
    ),
    "temperature": _fact(r"температур|градус|мороз|тепл|холод", r"градус|°|температур|тепл|холод"),
    "time": _fact(
        r"срок|как долго|долго\b|когда\b|как часто|за сколько|как быстро|на сколько лет"
        r"|сколько (?:по )?(?:времени|ждать|дней|недел|месяц|лет|час|минут|служ|длит|идет|займ)"
        r"|во сколько\b(?!(?: \w+)? (?:выйд|обойд|встан))|периодичн",
        r"\bд(?:ень|ня|ней)\b|недел|месяц|\bгод|\bлет\b|\bчас|\bмин|сутк|будн|квартал|полгода"
        r"|утра|вечера|\b\d\d?:\d\d|круглосуточн|\bсразу\b",
    ),
    "place": _fact(
        r"адрес|где (?:вы|ваш|можно|наход|располож)|находитесь|находится"
        r"|куда (?:к вам |ехать|приех)|проех|как(?:ой|ом) город",
        r"улиц|город|наход|адрес|@|\bв [а-я]+(?:ске|ве|ни|ге|де|не)\b|склад|офис",
    ),
    "telephone": _fact(r"телефон|номер(?! счет)|позвон|дозвон|связат", r"\+\d|телефон|номер"),
    "mail": _fact(r"почт|мейл|имейл|e-?mail", r"@|почт"),
    "standard": _fact(r"гост|стандарт|iso\b|исо\b|astm", r"гост|iso|astm|стандарт"),
    "name": _fact(
        r"как зовут|кто (?:директор|владел|главн|руковод)|фамили", r"директор|зовут|владел"
    ),
    "colour": _fact(r"цвет|покра|красите|окра", r"цвет|краск|окра"),
    "number": _fact(
        r"сколько\b|количество",
        r"\d|\bод(?:ин|на|но|ного|ной)\b|\bдв[аеу]|\bтр[ие]|четыр|пят|шест|сем|восем|девят|десят"
        r"|\bсто\b|полтор",
    ),
}
_ANY_NUMBER: Final = "number"
_SURELY_PRICE: Final = re.compile(
    r"сто(?:ит|ят)|\bпочем\b|\bдоро[гж]|\bдешев|обойд|выйдет|\bкак\w+ (?:\w+ )?цен|платн"
)
"""«Сколько дней держится цена» names the price and does not ask for it."""


def asked(question: str) -> frozenset[str]:
    """The facts that a question asks for; «number» only when it does not say of what."""
    text = fold(question)
    found = frozenset(name for name, (asks, _) in _FACTS.items() if asks.search(text))
    if len(found - {_ANY_NUMBER}) > 1 and not _SURELY_PRICE.search(text):
        found -= {"price"}
    return found - {_ANY_NUMBER} or found


def told(sentence: str, facts: frozenset[str]) -> frozenset[str]:
    """Those of the ``facts`` that a sentence tells."""
    text = fold(sentence)
    return frozenset(name for name in facts if _FACTS[name][1].search(text))
