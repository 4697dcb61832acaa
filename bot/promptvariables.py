"""Variables in the prompts: ``{телефон}`` stands for a value that is kept in one place. Pure."""

import re
from collections.abc import Iterable, Mapping

_NAME = "[A-Za-zА-Яа-яЁё][A-Za-zА-Яа-яЁё0-9_-]{0,29}"
NAME_PATTERN = f"^{_NAME}$"
"""What a variable may be called: a letter, then letters, digits, ``-`` and ``_``."""
VARIABLE = re.compile(rf"\{{({_NAME})\}}")
"""A variable in a text; braces around anything else are braces."""


def filled(text: str, variables: Mapping[str, str]) -> str:
    """``text`` with the values of its variables; one that is not known stays as it is written."""
    return VARIABLE.sub(lambda found: variables.get(found[1], found[0]), text)


def unknown_variables(text: str, variables: Iterable[str]) -> list[str]:
    """The names of variables in ``text`` that are not among ``variables``, each once, in order."""
    known = set(variables)
    return list(dict.fromkeys(name for name in VARIABLE.findall(text) if name not in known))


def told_unknown(name: str, variables: Iterable[str]) -> str:
    """What is wrong with a variable that nobody has set, in the operators' words."""
    known = ", ".join(f"{{{one}}}" for one in variables)
    return f"подстановки {{{name}}} нет; {f'есть {known}' if known else 'здесь их не бывает'}"
