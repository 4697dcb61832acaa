"""The database behind the call log: a SQLite file or a PostgreSQL server."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.errors import SettingError
from bot.routing import fold


def open_engine(address: str, wait_s: float) -> Engine:
    """An engine for ``address`` whose statements give up after about ``wait_s`` seconds.

    Creates the folder of a SQLite file. Raises :class:`SettingError` when the address can
    never work; says nothing of a server that is only unreachable now.
    """
    url = _checked_url(address)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, wait_s)
    return _postgresql_engine(url, wait_s)


def _checked_url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        # The message is not passed on: it repeats the address with its password.
        raise SettingError("DATABASE_URL: not a database address") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise SettingError("DATABASE_URL: must start with sqlite:/// or postgresql+psycopg://")
    return url


def _sqlite_engine(url: URL, wait_s: float) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingError("DATABASE_URL: SQLite needs a file, as in sqlite:///data/log.sqlite")
    _prepare_folder(Path(url.database))
    engine = create_engine(
        url,
        pool_timeout=wait_s,
        connect_args={"timeout": wait_s},
        enable_from_linting=False,  # it does not know the columns of sqlite.sql and warns
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")  # a deleted call is overwritten
        connection.create_function("folded", 1, fold, deterministic=True)

    return engine


def _prepare_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"DB_PATH: {path.parent}: {error.strerror}") from error
    if path.is_dir():
        raise SettingError(f"DB_PATH: {path} is a folder")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise SettingError(f"DB_PATH: {path} cannot be written")


def _postgresql_engine(url: URL, wait_s: float) -> Engine:
    limit_ms = round(wait_s * 1000)
    # jit: compiling a query takes longer than any of ours runs
    options = f"-c statement_timeout={limit_ms} -c lock_timeout={limit_ms} -c jit=off"
    connect_args = {
        "connect_timeout": max(2, round(wait_s)),
        "options": options,
        # A prepared statement is planned for any words; ours are common or rare.
        "prepare_threshold": None,
        # A server that is gone without a word (power, firewall) is noticed in ten seconds.
        "keepalives_idle": 4,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }
    try:
        return create_engine(
            url,
            pool_timeout=wait_s,
            pool_pre_ping=True,  # a restarted server costs nobody a turn
            connect_args=connect_args,
        )
    except (ImportError, NoSuchModuleError) as error:
        raise SettingError(f"DATABASE_URL: {url.drivername} is not installed") from error
