"""What the admin remembers of the questions: their forms, how often each was asked on each day.

A SQLite file of the admin's own. All of it but the operators' marks can be counted again from the
call log, and is: a day that has changed there, also by deleting a call, is counted anew.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from bot.embeddings import Vectors

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS forms (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, example TEXT NOT NULL,
    grp INTEGER NOT NULL DEFAULT 0, vector BLOB, model TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS forms_by_group ON forms (grp);
CREATE TABLE IF NOT EXISTS asked (
    day TEXT, form INTEGER, times INTEGER, PRIMARY KEY (day, form)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    day TEXT, form INTEGER, refused INTEGER, weak INTEGER, lost INTEGER, last_at TEXT,
    last_call INTEGER, PRIMARY KEY (day, form)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refused_by_form ON refused (form, day);
CREATE TABLE IF NOT EXISTS days (day TEXT PRIMARY KEY, seen TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS resolved (
    grp INTEGER PRIMARY KEY, at TEXT NOT NULL, author TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS checks (
    grp INTEGER PRIMARY KEY, at TEXT NOT NULL, release INTEGER NOT NULL,
    is_answered INTEGER NOT NULL, source TEXT NOT NULL, score REAL, answer TEXT NOT NULL
);
"""
_WORTH_COMPARING: Final = """
SELECT id, example, grp FROM forms JOIN (
    SELECT form, sum(times) AS weight FROM (
        SELECT form, 1000 * (refused + weak) AS times FROM refused
        UNION ALL SELECT form, times FROM asked WHERE times > 1
    ) GROUP BY form
) ON form = id
"""
_MOST_ASKED: Final = 200
"""Forms kept of a day beside those that were refused; the rest was asked once or twice."""
_WAIT_S: Final = 10.0


@dataclass
class DayOfForm:
    """How often questions of one form were asked on a day, and how they fared."""

    example: str
    asked: int = 0
    refused: int = 0
    weak: int = 0
    lost: int = 0
    last_at: str = ""
    """ISO 8601, UTC; of the last one refused or weak, in the call ``last_call``."""
    last_call: int = 0


@dataclass(frozen=True)
class Form:
    """A question as it was first put in these words, and the group it is in."""

    id: int
    example: str
    group: int


@dataclass(frozen=True)
class AskedGroup:
    """Questions of one meaning, by one of them, and how often they were asked."""

    example: str
    times: int


class QuestionStore:
    """The file, opened anew for each piece of work; any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_ready = False

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A transaction, committed at the end."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=_WAIT_S)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA secure_delete=ON")  # a deleted call's words are overwritten
        try:
            if not self._is_ready:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
                self._is_ready = True
            with connection:
                yield connection
        finally:
            connection.close()

    def seen_days(self) -> dict[str, str]:
        """What each day that was counted looked like then."""
        with self.connection() as connection:
            return {row["day"]: row["seen"] for row in connection.execute("SELECT * FROM days")}

    def put_day(self, day: date, seen: str, forms: Mapping[str, DayOfForm]) -> None:
        """Keep a day's questions, by the keys of their forms, in place of what was kept of it."""
        name = day.isoformat()
        by_number = sorted(forms.items(), key=lambda form: -form[1].asked)
        with self.connection() as connection:
            self._forget(connection, name)
            for place, (key, form) in enumerate(by_number):
                is_bad = form.refused or form.weak
                if place >= _MOST_ASKED and not is_bad:
                    continue
                number = _number_of(connection, key, form.example)
                if place < _MOST_ASKED:
                    connection.execute(
                        "INSERT INTO asked VALUES (?, ?, ?)", (name, number, form.asked)
                    )
                if is_bad:
                    row = (
                        name,
                        number,
                        form.refused,
                        form.weak,
                        form.lost,
                        form.last_at,
                        form.last_call,
                    )
                    connection.execute("INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("INSERT INTO days VALUES (?, ?)", (name, seen))

    def forget_days(self, days: Iterable[str]) -> None:
        """Days of which the call log has nothing any more, and forms that nobody has used since."""
        with self.connection() as connection:
            for day in days:
                self._forget(connection, day)
            connection.execute(
                "DELETE FROM forms WHERE id NOT IN (SELECT form FROM asked)"
                " AND id NOT IN (SELECT form FROM refused)"
            )
            for table in ("resolved", "checks"):
                connection.execute(
                    f"DELETE FROM {table} WHERE grp NOT IN (SELECT grp FROM forms)"  # noqa: S608
                )

    def _forget(self, connection: sqlite3.Connection, day: str) -> None:
        for table in ("asked", "refused", "days"):
            connection.execute(f"DELETE FROM {table} WHERE day = ?", (day,))  # noqa: S608

    def has_new(self) -> bool:
        """Whether some form has not been compared with any yet."""
        with self.connection() as connection:
            found = connection.execute(f"{_WORTH_COMPARING} WHERE model = '' LIMIT 1")
            return found.fetchone() is not None

    def without_vector(self, model: str, most: int) -> list[Form]:
        """Forms not compared by this model yet, the worst and the most asked first."""
        with self.connection() as connection:
            rows = connection.execute(
                f"{_WORTH_COMPARING} WHERE model <> ? ORDER BY weight DESC, id DESC LIMIT ?",
                (model, most),
            )
            return [Form(row["id"], row["example"], row["grp"]) for row in rows]

    def founders(self, model: str) -> tuple[list[Form], Vectors]:
        """The oldest form of each group that has a vector, and these vectors as rows."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT min(id) AS id, example, grp, vector FROM forms"
                " WHERE model = ? AND vector IS NOT NULL GROUP BY grp",
                (model,),
            ).fetchall()
        forms = [Form(row["id"], row["example"], row["grp"]) for row in rows]
        vectors = [np.frombuffer(row["vector"], dtype="<f4") for row in rows]
        return forms, np.stack(vectors) if vectors else np.empty((0, 0), np.float32)

    def put_vector(self, form: Form, model: str, vector: Vectors | None, group: int) -> None:
        """Keep a form's vector (``None``: it needs none) and move its group into another one."""
        packed = None if vector is None else np.ascontiguousarray(vector, dtype="<f4").tobytes()
        with self.connection() as connection:
            connection.execute(
                "UPDATE forms SET vector = ?, model = ? WHERE id = ?", (packed, model, form.id)
            )
            if group != form.group:
                connection.execute("UPDATE forms SET grp = ? WHERE grp = ?", (group, form.group))

    def most_asked(self, first: date | None, last: date | None, most: int) -> list[AskedGroup]:
        """The groups asked most often from ``first`` to ``last``, both included."""
        with self.connection() as connection:
            rows = connection.execute(
                "SELECT example, sum(times) AS times, max(times) FROM ("
                " SELECT form, sum(times) AS times FROM asked WHERE day BETWEEN ? AND ?"
                " GROUP BY form"
                ") JOIN forms ON id = form GROUP BY grp ORDER BY 2 DESC LIMIT ?",
                (*day_bounds(first, last), most),
            )
            return [AskedGroup(row["example"], row["times"]) for row in rows]


def day_bounds(first: date | None, last: date | None) -> tuple[str, str]:
    """Days as they are compared in the file; open where ``None``."""
    return first.isoformat() if first else "", last.isoformat() if last else "9999"


def _number_of(connection: sqlite3.Connection, key: str, example: str) -> int:
    """The number of a form; a new one is a group of its own."""
    found = connection.execute("SELECT id FROM forms WHERE key = ?", (key,)).fetchone()
    if found:
        return int(found["id"])
    made = connection.execute("INSERT INTO forms (key, example) VALUES (?, ?)", (key, example))
    connection.execute("UPDATE forms SET grp = id WHERE id = ?", (made.lastrowid,))
    return int(made.lastrowid or 0)
