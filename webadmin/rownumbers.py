"""Numbers in addresses, kept to what a row of a database can have.

SQLite and PostgreSQL answer a larger one with an error, not with «not found».
"""

from typing import Final

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST: Final = 2**63 - 1
_LONGEST: Final = len(str(LARGEST))


class _RowNumber(IntegerConverter):
    """``<int:…>`` of a route; whatever is larger becomes a number that no row will ever have.

    Refusing it here would not do: where another method has the same address, werkzeug 3.1 then
    answers 405 in place of 404.
    """

    def to_python(self, value: str) -> int:
        """The number; Python refuses to read thousands of digits."""
        return LARGEST if len(value) > _LONGEST else min(int(value), LARGEST)


def init_app(app: Flask) -> None:
    """Bound every number in an address; before the routes are added."""
    app.url_map.converters["int"] = _RowNumber
