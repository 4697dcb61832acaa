"""Questions that need the dialogue to be understood, made to stand alone without a service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.designations import names_standard, products, sized
from bot.llm import Exchange
from bot.routing import fold
from bot.wordforms import Word, words_of

_LOOK_BACK = 4
"""Exchanges among which the subject is sought."""
_FEW_WORDS = 3
_MANY_WORDS = 7
_MOST_NAMES = 2
_MOST_TERMS = 5
_ENOUGH_TERMS = 2
"""Telling words before a pronoun among which it finds what it stands for."""


def _set(line: str) -> frozenset[str]:
    return frozenset(line.split())


_OPENINGS = _set("а и но еще тогда тоже также ну или нет не")
_POINTERS = _set("он она оно они его ее их этот это такой тот там туда оттуда тоже также")
_ASKING = _set("какой который что кто сколько когда где куда откуда почему зачем как")
_CHOOSING = _set("какой который что кто")
_ABOUT_US = _set("вы ваш")
"""«Где вы находитесь» is short and yet whole: it asks about the company."""
_VERBS = _set("VERB INFN PRTS PRED")
_TELLING = _set("NOUN ADJF ADJS COMP VERB INFN PRTF PRTS GRND")
_SAYS_NOTHING = _ASKING | _set(
    "весь сам свой мой наш ваш другой любой быть мочь стать хотеть узнать сказать подсказать "
    "рассказать говорить спрашивать спросить иметь иметься вид интересовать бывать есть нужный "
    "подойти подходить дать давать делать сделать машина модель прибор станок штука вопрос раз"
)
_ATTRIBUTES = _set("стоить цена стоимость срок весить вес масса день время")
"""What is asked of a subject and is none itself."""
_ONE_OF_SEVERAL = _set("первый второй третий последний предыдущий остальной")
"""Which of those named is meant only understanding can tell."""


Asks = Literal["nothing", "attribute", "topic"]
"""What a question names besides its subject: no topic («а у неё?»), an attribute of the subject
(«а цена?»), or a topic that is the same for every subject («а доставка?»)."""


@dataclass(frozen=True)
class Vocabulary:
    """What the company speaks of."""

    topics: tuple[str, ...] = ()
    """Beginnings of words that name a topic (the routing's)."""
    machines: tuple[str, ...] = ()
    """Some of its machines, the least of each family among them."""


@dataclass(frozen=True)
class _Said:
    """An utterance, read. ``names`` are the products in it, also those called by their size."""

    text: str
    words: tuple[Word, ...]
    names: tuple[str, ...]
    terms: tuple[Word, ...]
    """The words that tell what it is about, besides the names."""
    topics: tuple[Word, ...]
    """The words that name a topic of ours, as the routing knows them."""

    @property
    def topical(self) -> bool:
        """Whether it has a topic of its own."""
        return bool(self.topics)

    def has(self, lemmas: frozenset[str]) -> bool:
        """Whether it has one of these words."""
        return any(word.lemma in lemmas for word in self.words)

    @property
    def asks(self) -> Asks:
        """Which kind of topic it has of its own."""
        if not self.topics:
            return "nothing"
        own = any(word.lemma not in _ATTRIBUTES for word in self.topics)
        return "topic" if own else "attribute"

    @property
    def points_back(self) -> bool:
        """Whether a pronoun stands for something said before this utterance, not in it."""
        pointer = next((word.start for word in self.words if word.lemma in _POINTERS), None)
        if pointer is None or any(0 <= self.text.find(name) < pointer for name in self.names):
            return False
        before = [term for term in self.terms if term.part and term.start < pointer]
        return len(before) < _ENOUGH_TERMS

    @property
    def only_names(self) -> bool:
        """Whether it names another machine, or corrects it, and asks nothing: «а у РЭМ-200?»"""
        if not self.names or self.topical:
            return False
        asks = self.has(_ASKING) or any(term.part in _VERBS for term in self.terms)
        return not self.terms or (len(self.terms) == 1 and not asks)

    @property
    def depends(self) -> bool:
        """Whether its words alone leave open what is spoken of."""
        if self.points_back or self.only_names:
            return True
        if self.names or names_standard(self.text) or self.has(_ABOUT_US) or not self.words:
            return False
        if not self.terms:
            return True
        if self.words[0].lemma in _OPENINGS:
            return len(self.words) <= _MANY_WORDS
        # A short question on a topic of ours; a stranger's one must not get a subject of ours.
        return self.topical and len(self.words) <= _FEW_WORDS


@dataclass(frozen=True)
class _Subject:
    """What a dialogue is about: the last machines, the last topic, the last whole question."""

    names: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True)
class Resolved:
    """A question made to stand alone. ``query`` is empty when it did so already."""

    query: str = ""
    certain: bool = True
    """Whether the subject was found; else only a reader of the dialogue can tell it."""
    asks: Asks = "nothing"


def resolve(question: str, history: Sequence[Exchange], vocabulary: Vocabulary) -> Resolved:
    """What to search for when ``question`` follows on ``history``.

    «А сколько она стоит?» after a question about РЭМ-100 gives «А сколько она стоит? РЭМ-100»,
    and then «А двухсотая?» gives «А сколько она стоит? РЭМ-200». An empty query means that
    the answer must not depend on ``history``. Takes about a millisecond.
    """
    if not history:
        return Resolved()
    subject = _Subject()
    for exchange in history[-_LOOK_BACK:]:
        subject = _after(subject, exchange, vocabulary)
    said = _read(question, subject, vocabulary)
    if not said.depends:
        return Resolved()
    query = _resolved(said, subject)
    found = said.topical or query != said.text.rstrip()
    return Resolved(query, found and not said.has(_ONE_OF_SEVERAL), said.asks)


def _resolved(said: _Said, subject: _Subject) -> str:
    if said.only_names:
        return _of_another(said, subject)
    carried: list[str] = []
    own = [term for term in said.terms if term.lemma not in _ATTRIBUTES]
    names = () if said.names else subject.names
    if not said.topical or not (own or names):
        carried += (term for term in subject.terms if fold(term) not in fold(said.text))
    return " ".join([said.text.rstrip(), *carried, *names])


def _of_another(said: _Said, subject: _Subject) -> str:
    """The last question asked of another machine."""
    question, names = subject.question, " ".join(said.names)
    for old in products(question):
        question, names = question.replace(old, names), ""
    return " ".join(filter(None, [question, names, *(term.text for term in said.terms)]))


def _after(subject: _Subject, exchange: Exchange, vocabulary: Vocabulary) -> _Subject:
    """What the dialogue is about when one more question was answered."""
    said = _read(exchange.question, subject, vocabulary)
    own = tuple(term.text for term in said.terms if term.lemma not in _ATTRIBUTES)
    if not said.depends:
        new_topic = any(word.part == "NOUN" for word in said.topics)
        kept = () if new_topic else subject.names
        return _Subject(_names(said, exchange, kept), own[:_MOST_TERMS], exchange.question)
    terms = own if own and said.topical else subject.terms
    question = _resolved(said, subject)
    return _Subject(_names(said, exchange, subject.names), terms[:_MOST_TERMS], question)


def _names(said: _Said, exchange: Exchange, kept: tuple[str, ...]) -> tuple[str, ...]:
    """The machines spoken of after an exchange: the one asked for, else the one answered.

    ``kept`` are those of before, which an answer replaces only if it was asked to name one.
    """
    answered = products(exchange.answer)[:_MOST_NAMES]
    if len(said.names) == 1 or not answered:
        return said.names[:_MOST_NAMES] or kept
    chosen = said.has(_CHOOSING) and set(answered).isdisjoint(kept)
    return answered if said.names or chosen or not kept else kept


def _read(text: str, subject: _Subject, vocabulary: Vocabulary) -> _Said:
    words = words_of(text)
    written = products(text)
    plain = [word for word in words if not products(word.text)]
    by_size = {
        word: name for word in plain if (name := sized(word, subject.names, vocabulary.machines))
    }
    terms = tuple(
        word
        for word in plain
        if (word.part in _TELLING or (word.text.isalpha() and not word.part))
        and word not in by_size
        and word.lemma not in _SAYS_NOTHING | _POINTERS
    )
    starts = tuple(fold(topic) for topic in vocabulary.topics)
    ours = tuple(
        word
        for word in plain
        if fold(word.text).startswith(starts) and word.lemma not in _ASKING  # «почему», no «почём»
    )
    return _Said(text, words, (*written, *by_size.values()), terms, ours)
