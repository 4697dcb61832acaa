"""What words are to the sense of a question: nothing, a tie, or the very thing asked for.

Everyday Russian, not the words of one trade. Words are in the dictionary form that
:mod:`bot.wordforms` gives (of misspelt ones, too), lower case, е for ё. A word that no table
knows is kept as it is: what is missing here costs a hit, never makes a wrong one.
"""

from typing import Final


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


def _groups(text: str) -> dict[str, str]:
    """Each word with the name of its group: lines of «name: words»."""
    lines = (line.partition(":") for line in text.strip().splitlines())
    return {word: name for name, _, words in lines for word in words.split()}


EMPTY: Final = _words(
    "а и но да ну вот же бы это этот так вообще просто примерно приблизительно ориентировочно "
    "хотя наверное пожалуйста алло здравствовать здравствуйте добрый девушка "
    "извинить простить сказать подсказать назвать рассказать объяснить уточнить слушать хотеть "
    "узнать знать интересовать он она оно они какой-нибудь какой-то саму самого самому"
)
"""Said without changing what is asked."""
ABOUT_US: Final = _words("вы ваш")
"""Whom every question is about that names nothing else: «где вы находитесь»."""
LIGHT: Final = _words(
    "быть бывать есть иметь иметься являться дать давать составлять занимать занять"
)
"""Verbs that only tell that something is asked about: «есть», «даёте», «занимает»."""

LOOSE: Final = _words("у в на по для под о об обо про")
"""Prepositions that callers put one for another: «на плёнку», «под плёнку», «для плёнки»."""
TELLING: Final = _words("через до от с со после перед без не ни из кроме раз за при к ко")
"""Words that turn the next one's sense: «от Уфы» is not «до Уфы», «входит» is not «не входит»."""

QUESTION_WORDS: Final = _groups("""
какой: какой каков каковой который
сколько: сколько насколько
чей: чей
где: где
куда: куда
откуда: откуда
когда: когда
почему: почему зачем
как: как
""")
MEASURES: Final = _groups("""
цена: цена ценник стоить стоимость почем прайс
масса: масса вес весить
мощность: мощность потреблять потребление потребляемый жрать
размер: размер габарит габаритный
срок: срок долго длительность продолжительность длиться
место: адрес находиться располагаться
""")
"""What a question may ask the value of, whatever it is said with: «сколько весит» is «какая
масса»."""
UNITS: Final = _groups("""
цена: рубль деньга обойтись
масса: килограмм килограм килограма кг кило
мощность: киловатт кватт квт вт ватт электричество электроэнергия
срок: время минута час день сутки неделя месяц год
""")
"""What is asked after «сколько» or beside the measure itself: «сколько килограммов», «мощность в
киловаттах»."""
TAKING: Final = _words("брать взять")
"""Nothing beside a power: «сколько киловатт берёт» is what it consumes. «Какой вес берёт» is not
what it weighs."""
SAME: Final = _groups("""
наибольший: наибольший максимальный предельный максимум
наименьший: наименьший минимальный минимум
нужно: нужно надо нужный необходимо необходимый требоваться понадобиться
можно: можно мочь
купить: купить покупать приобрести приобретать
""")
