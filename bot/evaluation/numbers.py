"""Whether an answer's numbers are those of its passages: what nobody wrote down is invented."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.evaluation.quantities import Quantity, quantities

Stands = Mapping[str, frozenset[str]]
"""The numbers of some texts: value → the units it stands with."""


def numbers_of(texts: Iterable[str]) -> Stands:
    """Every number in ``texts`` with its units."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts:
        for quantity in quantities(text):
            found[quantity.value].add(quantity.unit)
    return {value: frozenset(units) for value, units in found.items()}


def invented(answer: str, passages: Iterable[str], asked: Iterable[str]) -> tuple[str, ...]:
    """The numbers of ``answer``, as written there, that stand in none of its passages.

    A designation («РЭМ-100») may also come from ``asked``, what the caller said: repeating it
    states nothing. A number without a unit fits any; a counted thing may be called otherwise
    where the passage does not name it («двух и более» → «двух машин»); a unit of measurement
    must be the same.
    """
    known, said = numbers_of(passages), numbers_of(asked)
    return tuple(
        quantity.written
        for quantity in quantities(answer)
        if not _stands(quantity, known) and not (quantity.is_name and quantity.value in said)
    )


def holds_numbers(text: str) -> bool:
    """Whether there is any number in ``text``."""
    return bool(quantities(text))


def _stands(quantity: Quantity, known: Stands) -> bool:
    units = known.get(quantity.value)
    if units is None:
        return False
    fits_nameless = "" in units and not quantity.is_measured
    return not quantity.unit or quantity.unit in units or fits_nameless
