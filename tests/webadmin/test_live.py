"""«Сейчас» over a real call log: what goes on, what changed, and what is honest to say."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from bot.ari import AriAddress, AriClient
from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine
from bot.releases.takeup import TakeUps
from bot.settings import Settings
from tests.lab.ports import free_port
from tests.webadmin.conftest import MakeSettings
from webadmin import create_app
from webadmin.live.condition import Conditions
from webadmin.live.feed import (
    ENDED_SHOWN_S,
    LOOK_EVERY_S,
    Appeared,
    Change,
    Ended,
    Feed,
    Grew,
    Left,
    Turned,
)

KEY = "ключ"
WORKER = "asterisk-bot@lab"
AT = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
LIVE = "/logs-ui/live"


@pytest.fixture
def settings(make_settings: MakeSettings) -> Settings:
    """No Asterisk answers there."""
    return make_settings(
        api_secret_key=KEY,
        ari_url=f"http://127.0.0.1:{free_port()}",
        transfer_context="people",
        transfer_extension="person",
    )


@pytest.fixture
def worker(settings: Settings) -> Iterator[TakeUps]:
    """A worker that runs, as far as its files tell."""
    with TakeUps(settings.persist_directory, WORKER) as told:
        told(1)
        yield told


class Clock:
    """Seconds that a test lets pass."""

    moment = 100.0

    def __call__(self) -> float:
        return self.moment


class Watched(CallLog):
    """A call log that counts its transactions."""

    opened = 0

    def connection(self) -> AbstractContextManager[Connection]:
        self.opened += 1
        return super().connection()


class Watcher:
    """The feed of one admin process, and what it told in the order of its numbers."""

    def __init__(self, settings: Settings) -> None:
        self.clock = Clock()
        self.changes: list[Change] = []
        self.log = Watched(settings.database_address)
        ari = AriClient(AriAddress(settings.ari_url, "", ""), timeout_s=1.0)
        conditions = Conditions(settings.persist_directory, ari, self.clock)
        self.feed = Feed(self.log, conditions, self._tell, self.clock)
        self.feed.look()
        self.changes.clear()

    def _tell(self, change: Change) -> str:
        self.changes.append(change)
        return type(change).__name__

    def look(self, after_s: float = LOOK_EVERY_S) -> list[Change]:
        """What has changed until that much later."""
        self.clock.moment += after_s
        self.changes.clear()
        self.feed.look()
        return [change for change in self.changes if not isinstance(change, Turned)]


@pytest.fixture
def watcher(settings: Settings, worker: TakeUps) -> Iterator[Watcher]:
    made = Watcher(settings)
    yield made
    made.log.close()


def begin(calls: CallLog, caller: str = "+79610000001", worker: str = WORKER) -> int:
    number = calls.start_call(caller, f"channel-{caller}", worker)
    calls.append(number, BotLine("Здравствуйте!", AT, "greeting"))
    return number


def ask(calls: CallLog, number: int, words: str = "Какая гарантия?") -> None:
    calls.append(number, UserLine(words, words, AT))
    calls.append(number, BotLine("Два года.", AT, trace=AnswerTrace(source="general")))


def test_a_call_appears_grows_ends_and_goes_after_a_while(calls: CallLog, watcher: Watcher) -> None:
    number = begin(calls)
    (appeared,) = watcher.look()
    assert isinstance(appeared, Appeared)
    assert [line.text for line in appeared.call.lines] == ["Здравствуйте!"]
    assert watcher.look() == []
    ask(calls, number)
    (grew,) = watcher.look()
    assert isinstance(grew, Grew)
    assert [line.text for line in grew.lines] == ["Какая гарантия?", "Два года."]
    calls.append(number, BotLine("Соединяю.", AT, "transfer"))
    calls.end_call(number, "Transferred")
    last_words, ended = watcher.look()
    assert isinstance(last_words, Grew)
    assert isinstance(ended, Ended)
    assert ended.call.status == "Transferred"
    assert watcher.feed.whole().situation.count == 0
    assert watcher.look(ENDED_SHOWN_S / 2) == []
    (left,) = watcher.look(ENDED_SHOWN_S)
    assert isinstance(left, Left)
    assert watcher.feed.whole().calls == ()


def test_what_ended_while_nobody_looked_is_not_shown_as_just_ended(
    calls: CallLog, watcher: Watcher
) -> None:
    number = begin(calls)
    watcher.look()
    calls.end_call(number, "Completed")
    (left,) = watcher.look(after_s=3600.0)
    assert isinstance(left, Left)


def test_any_number_of_operators_cost_one_look(calls: CallLog, watcher: Watcher) -> None:
    begin(calls)
    watcher.look()
    before = watcher.log.opened
    for _ in range(50):
        watcher.look(after_s=0.0)
    assert watcher.log.opened == before
    watcher.look()
    assert watcher.log.opened == before + 1


def test_who_comes_again_gets_only_what_was_missed(calls: CallLog, watcher: Watcher) -> None:
    number = begin(calls)
    watcher.look()
    seen = watcher.feed.whole().number
    assert watcher.feed.since(seen) == ()
    for _ in range(3):
        ask(calls, number)
        watcher.look()
    missed = watcher.feed.since(seen)
    assert missed is not None
    assert [text for _, text in missed] == ["Grew"] * 3
    assert [change for change, _ in missed] == [seen + 1, seen + 2, seen + 3]
    assert watcher.feed.since(seen + 100) is None


def test_a_deleted_call_goes_at_once_and_comes_back_when_that_is_undone(
    calls: CallLog, watcher: Watcher
) -> None:
    number = begin(calls)
    watcher.look()
    deletion = calls.delete_call(number)
    assert deletion is not None
    (left,) = watcher.look()
    assert isinstance(left, Left)
    calls.undo(deletion.number)
    (back,) = watcher.look()
    assert isinstance(back, Appeared)


def test_calls_of_a_worker_that_died_are_no_calls(settings: Settings, calls: CallLog) -> None:
    with TakeUps(settings.persist_directory, WORKER) as told:
        told(1)
        watcher = Watcher(settings)
        number = begin(calls)
        assert len(watcher.look()) == 1
    (left,) = watcher.look()
    assert isinstance(left, Left)
    whole = watcher.feed.whole()
    assert (whole.calls, whole.situation.count) == ((), 0)
    troubles = " ".join(whole.situation.troubles)
    assert "Помощник не запущен" in troubles
    assert f"№ {number}:" in troubles
    with TakeUps(settings.persist_directory, WORKER) as again:
        again(1)
        calls.close_orphans(WORKER)
        watcher.look()
        assert "Помощник не запущен" not in " ".join(watcher.feed.whole().situation.troubles)
    watcher.log.close()


@pytest.fixture
def page(app: Flask, client: FlaskClient, worker: TakeUps) -> FlaskClient:
    return client


def test_the_page_shows_every_call_with_its_words_as_text(
    page: FlaskClient, calls: CallLog
) -> None:
    ask(calls, begin(calls, "<b>Кавычки\"'</b>"), "<script>alert(1)</script>")
    html = page.get(LIVE).text
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "<b>Кавычки" not in html
    assert "[general]" in html
    assert html.count("Положить трубку</button>") == 1
    assert html.count("Передать человеку</button>") == 1
    assert "Asterisk не отвечает панели" in html  # none does at this address


def test_a_typed_dialogue_has_no_line_to_command(page: FlaskClient, calls: CallLog) -> None:
    number = calls.start_call("сайт", "ws", "admin@lab")
    html = page.get(LIVE).text
    assert "текстом" in html
    assert "Положить трубку</button>" not in html
    answer = page.post(f"{LIVE}/{number}/hang-up", headers=key_headers())
    assert answer.status_code == 409


def test_without_a_place_to_go_to_the_page_says_how_to_set_one(make_settings: MakeSettings) -> None:
    settings = make_settings(api_secret_key=KEY, ari_url=f"http://127.0.0.1:{free_port()}")
    client = create_app(settings).test_client()
    log = CallLog(settings.database_address)
    with TakeUps(settings.persist_directory, WORKER) as told:
        told(1)
        number = begin(log)
        html = client.get(LIVE).text
        answer = client.post(f"{LIVE}/{number}/transfer", headers=key_headers())
    log.close()
    assert "TRANSFER_EXTENSION" in html
    assert "Передать человеку</button>" not in html
    assert answer.status_code == 409
    assert "TRANSFER_CONTEXT" in answer.text


def test_a_call_log_that_is_away_is_told_and_what_was_known_stays(
    calls: CallLog, watcher: Watcher
) -> None:
    begin(calls)
    watcher.look()
    with calls.connection() as connection:
        connection.exec_driver_sql("ALTER TABLE logs RENAME TO hidden")
    assert watcher.look() == []
    whole = watcher.feed.whole()
    assert len(whole.calls) == 1
    assert "База звонков не отвечает" in whole.situation.troubles[0]
    with calls.connection() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO logs")
    watcher.look()
    assert "База" not in " ".join(watcher.feed.whole().situation.troubles)


def key_headers() -> dict[str, str]:
    return {"X-API-Key": KEY.encode().decode("latin-1")}


@pytest.mark.parametrize("verb", ["hang-up", "transfer"])
def test_commands_are_refused_in_words(page: FlaskClient, calls: CallLog, verb: str) -> None:
    number = begin(calls)
    over = begin(calls, "+79610000002")
    calls.end_call(over, "Completed")
    abandoned = begin(calls, "+79610000003", "asterisk-bot@dead")
    post = page.post
    assert post(f"{LIVE}/{number}/{verb}").status_code == 401
    assert post(f"{LIVE}/999/{verb}", headers=key_headers()).status_code == 404
    for call_id, status, words in (
        (over, 409, "уже закончился"),
        (abandoned, 503, "не работает"),
        (number, 503, "Asterisk не отвечает"),
    ):
        answer = post(f"{LIVE}/{call_id}/{verb}", headers=key_headers())
        assert answer.status_code == status
        assert words in answer.text


def events(text: str) -> list[tuple[str, str]]:
    """Id and name of each event in a stream."""
    return re.findall(r"^id: (\S+)\nevent: (\S+)$", text, re.MULTILINE)


def test_a_stream_goes_on_where_the_browser_left_it(page: FlaskClient, calls: CallLog) -> None:
    number = begin(calls)
    answer = page.get(f"{LIVE}/stream", buffered=False)
    assert answer.mimetype == "text/event-stream"
    chunks = answer.iter_encoded()
    begun = next(chunks).decode() + next(chunks).decode()
    ((last_id, name),) = events(begun)
    assert name == "whole"
    ask(calls, number)
    grown = next(chunks).decode()
    assert "Какая гарантия?" in grown
    assert f'hx-swap-oob="beforeend:#lines-{number}"' in grown
    answer.close()
    for event_id, names in ((last_id, ["change"]), ("strange-1", ["whole"]), ("x", ["whole"])):
        again = page.get(f"{LIVE}/stream", headers={"Last-Event-ID": event_id}, buffered=False)
        rest = again.iter_encoded()
        next(rest)
        assert [name for _, name in events(next(rest).decode())] == names
        again.close()
