"""What the local voice is given to read: plain Cyrillic words, numbers and units in their case."""

import random
import re
import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.russian.number_words import counted, value_of, words_of
from bot.russian.spoken import speakable, warm_up

PHRASES = Path(__file__).parent / "spoken_phrases.tsv"
BASES = [PHRASES.parents[1] / "kb" / name for name in ("general.md", "tech.md")]
READABLE = re.compile(r"[А-Яа-яЁё .,!?-]*")
STRAY_MARK = re.compile(r"(?<![А-Яа-яЁё])[-.,!?]")


def read_phrases() -> list[tuple[str, str]]:
    lines = PHRASES.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(written, said) for written, said in pairs]


def sentences_of(base: Path) -> list[str]:
    lines = base.read_text(encoding="utf-8").splitlines()
    return [part for line in lines for part in re.split(r"(?<=[.!?]) ", line.lstrip("#> ")) if part]


SAID = read_phrases()
ODD = [
    "5 * 5 = 25 | ok #№@ ~`\\\"' <b>жирно</b>",
    "123456789012345678901234567890",
    "٣ ½ ² x́ é ñ 中文 😀 ２",
    "-70 °C ±0,5 % > 5 & < 6",
    "1.2.3.4 12:34:56 2024-05-12T10:00:00Z",
    "---, ... !!! ???",
    "а\u0301мпер\tи\nвольт",
    "qwxyz'a-b_c.d/e",
    "(РЭМ-100)(РГМ-2000)/кН",
    "5кН10мм-3В",
    "\U0010f003 5 кН\ue000 \U0010f105",
    "\U000748aa\U000cb44a letters without a name",
    "\ud800 half a pair",
    "\x00\x1b[31m",
]


@pytest.mark.parametrize(("written", "said"), SAID)
def test_a_phrase_is_said_in_words(written: str, said: str) -> None:
    assert speakable(written) == said


def test_the_phrases_are_many_and_each_is_there_once() -> None:
    assert len(SAID) >= 150
    assert len({written for written, _ in SAID}) == len(SAID)


def test_what_can_be_said_already_stays() -> None:
    changed = {said: speakable(said) for _, said in SAID if speakable(said) != said}
    assert changed == {}


@pytest.mark.parametrize("base", BASES, ids=lambda base: str(base.stem))
def test_every_sentence_of_a_base_can_be_said(base: Path) -> None:
    for sentence in sentences_of(base):
        said = speakable(sentence)
        assert READABLE.fullmatch(said), (sentence, said)
        assert speakable(said) == said, sentence


@pytest.mark.parametrize("base", BASES, ids=lambda base: str(base.stem))
def test_a_sentence_without_figures_and_foreign_letters_keeps_its_words(base: Path) -> None:
    plain = [s for s in sentences_of(base) if not re.search(r"[\dA-Za-z<]|[А-ЯЁ]{2}|кН|МПа", s)]
    assert len(plain) > 20
    for sentence in plain:
        words = re.findall(r"[а-яё]+", sentence.lower())
        assert re.findall(r"[а-яё]+", speakable(sentence).lower()) == words


def assert_readable(text: str) -> None:
    said = speakable(text)
    assert READABLE.fullmatch(said), (text, said)
    assert not STRAY_MARK.search(said), "a mark belongs to the word before it"
    assert "  " not in said


@pytest.mark.parametrize("text", [*(written for written, _ in SAID), *ODD])
def test_only_what_the_voice_can_read_is_left(text: str) -> None:
    assert_readable(text)


def random_text(chance: random.Random) -> str:
    kinds = (
        string.digits + " .,-–/:%",
        string.punctuation + "—…«»№°",
        string.printable + "кНмПаВАсгчлтдоруб№±×½²€₽\u00a0",
        "".join(chr(chance.randrange(1, 0x11_0000)) for _ in range(80)),
    )
    return "".join(chance.choices(chance.choice(kinds), k=chance.randrange(1, 120)))


def test_any_text_at_all_can_be_said() -> None:
    chance = random.Random(7)
    for _ in range(400):
        assert_readable(random_text(chance))


def test_damaged_phrases_can_be_said() -> None:
    chance = random.Random(11)
    for written, _ in SAID:
        at = chance.randrange(len(written) + 1)
        assert_readable(written[:at] + chance.choice("0 .,-–/:%°№+()кВсг²") + written[at:])


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "1-", "1–2 ", "1, ", "а", "A", "a@", "(", "– ", "9:00 "]
)
def test_a_very_long_text_can_be_said(piece: str) -> None:
    assert_readable(piece * (5_000 // len(piece)))


def test_several_calls_may_speak_at_once() -> None:
    warm_up()
    some = SAID[::5] * 2
    with ThreadPoolExecutor(4) as callers:
        heard = list(callers.map(speakable, [written for written, _ in some]))
    assert heard == [said for _, said in some]


def test_words_and_numbers_agree_both_ways() -> None:
    for value in [*range(0, 1200), 1497, 2000, 21_000, 122_313, 999_999]:
        assert value_of(words_of(value).split()) == value


def test_numbers_without_words_are_refused() -> None:
    with pytest.raises(ValueError, match="1000000"):
        words_of(1_000_000)


@pytest.mark.parametrize(
    ("number", "form"),
    [("1", "час"), ("2", "часа"), ("5", "часов"), ("11", "часов"), ("21", "час"), ("0,5", "часа")],
)
def test_a_noun_agrees_with_its_number(number: str, form: str) -> None:
    assert counted(number, "час", "часа", "часов") == form
