"""Character 4-grams of texts, many texts at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

GRAM = 4
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя"
_BITS = 7
_BLANK = 0


def _table() -> NDArray[np.uint8]:
    """For each UTF-16 unit its place among the letters, in their order; 0 for any other."""
    table = np.full(1 << 16, _BLANK, np.uint8)
    for place, letter in enumerate(_LETTERS, 1):
        table[ord(letter)] = place
    table[ord("ё")] = table[ord("е")]
    table.setflags(write=False)
    return table


_PLACES = _table()


def grams_of(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The 4-grams of texts in order, and for each of them the number of its text.

    Grams are of letters and digits, words parted by one blank and texts framed by blanks; as
    numbers they stand in the order of the alphabet.
    """
    if not texts:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    units = [f" {text} ".lower().encode("utf-16-le", "surrogatepass") for text in texts]
    lengths = np.array([len(one) // 2 for one in units])
    places = _PLACES[np.frombuffer(b"".join(units), np.uint16)]
    kept = places != _BLANK
    kept[1:] |= kept[:-1]  # the first of some blanks stays
    kept[lengths.cumsum() - lengths] = True
    places, text = places[kept], np.repeat(np.arange(len(texts)), lengths)[kept]
    if len(places) < GRAM:
        return np.zeros(0, np.uint32), np.zeros(0, np.int64)
    grams = np.zeros(len(places) - GRAM + 1, np.uint32)
    for first in range(GRAM):
        grams = (grams << np.uint32(_BITS)) | places[first : len(grams) + first]
    whole = text[: len(grams)] == text[GRAM - 1 :]
    return grams[whole], text[: len(grams)][whole]
