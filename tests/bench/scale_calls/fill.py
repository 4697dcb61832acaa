"""Fill a call log with synthetic calls as fast as its database takes them.

The calls are made by another process while the last are written. SQLite keeps its triggers and
indexes, PostgreSQL makes its indexes at the end: that is the shorter way for each.
"""

import multiprocessing
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from sqlalchemy import make_url

from bot.calllog.callernumber import pieces_of
from bot.calllog.listing import joined_sources
from tests.bench.scale_calls.talk import TURN_COLUMNS, SyntheticCall, synthetic_calls

Chunk = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]
"""Rows of ``logs`` and of ``turns``."""

_CHUNK = 5_000
_LOGS = (
    "id callerId channelId worker startTime endTime updatedAt durationS status sources "
    "firstQuestion lemmas transcript_json"
).split()
_TURNS = ["callId", "line", "at", *TURN_COLUMNS]
_TABLES = (("logs", _LOGS), ("turns", _TURNS))


def fill(address: str, calls: int) -> float:
    """Write ``calls`` calls into an empty call log; seconds that took."""
    began = time.perf_counter()
    url = make_url(address)
    chunks = _shown(_made(calls), calls)
    if url.get_backend_name() == "sqlite":
        _fill_sqlite(str(url.database), chunks)
    else:
        _fill_postgresql(address.replace("+psycopg", ""), chunks)
    return time.perf_counter() - began


def _shown(chunks: Iterable[Chunk], calls: int) -> Iterator[Chunk]:
    done = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk[0])
        if done % (20 * _CHUNK) == 0 or done == calls:
            print(f"  {done:,} of {calls:,} calls", file=sys.stderr, flush=True)


def _made(calls: int) -> Iterator[Chunk]:
    """The calls, made by another process; one that dies ends the iterator with ``EOFError``."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    maker = context.Process(target=_make, args=(calls, sender), daemon=True)
    maker.start()
    sender.close()
    left = calls
    while left:
        chunk: Chunk = receiver.recv()
        yield chunk
        left -= len(chunk[0])
    maker.join()


def _make(calls: int, sender: "Connection[Chunk, None]") -> None:
    numbered = enumerate(synthetic_calls(calls), start=1)
    while some := list(islice(numbered, _CHUNK)):
        rows = [_row(number, call) for number, call in some]
        sender.send((rows, [turn for number, call in some for turn in _turns(number, call)]))


def _row(number: int, call: SyntheticCall) -> tuple[Any, ...]:
    start, end = call.start, call.start + timedelta(seconds=call.duration_s)
    words = " ".join((*pieces_of(call.caller), *call.forms))
    sources = joined_sources(call.sources)
    return (
        number, call.caller, f"channel-{number}", "bench", _stored(start), _stored(end),
        _stored(end), call.duration_s, call.status, sources, call.first_question, words,
        call.transcript_json,
    )  # fmt: skip


def _turns(number: int, call: SyntheticCall) -> Iterator[tuple[Any, ...]]:
    for line, at, pair in call.turns:
        yield (number, line, _stored(at), *pair.turn)


def _stored(moment: datetime) -> str:
    """As SQLite keeps it, which PostgreSQL reads, too."""
    return moment.isoformat(sep=" ", timespec="milliseconds")


def _fill_sqlite(path: str, chunks: Iterable[Chunk]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=OFF")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    for chunk in chunks:
        for (table, names), values in zip(_TABLES, chunk, strict=True):
            marks = ", ".join("?" * len(names))
            columns = ", ".join(names)
            insert = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
            connection.executemany(insert, values)
        connection.commit()
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _fill_postgresql(address: str, chunks: Iterable[Chunk]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        made = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE tablename IN ('logs', 'turns') AND indexname NOT LIKE '%pkey'"
        ).fetchall()
        for name, _ in made:
            connection.execute(f"DROP INDEX {name}")
        for chunk in chunks:
            for (table, names), values in zip(_TABLES, chunk, strict=True):
                copy = f"COPY {table} ({', '.join(names)}) FROM STDIN"
                with connection.cursor() as cursor, cursor.copy(copy) as lines:
                    for value in values:
                        lines.write_row(value)
        connection.execute("SET maintenance_work_mem = '400MB'")
        for _, definition in made:
            connection.execute(definition)
        connection.execute("SELECT setval('logs_id_seq', (SELECT max(id) FROM logs))")
        connection.execute("VACUUM ANALYZE")
