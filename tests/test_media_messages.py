"""What Asterisk may send on the media and events sockets, sensible or not."""

import pytest

from bot.arievents import AriEvent, backoff_s, parse_event
from bot.media import MediaEvent
from bot.media.choice import speaks_json_media
from bot.media.websocket_leg import parse_media_event


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (b'{"event":"MEDIA_START","format":"slin"}', MediaEvent("started")),
        (b'{"event":"MEDIA_XOFF"}', MediaEvent("flow_off")),
        (b'{"event":"MEDIA_MARK_PROCESSED","correlation_id":"u3.1"}', MediaEvent("played", "u3.1")),
        (b'{"event":"MEDIA_BUFFERING_COMPLETED","correlation_id":"u3"}',
         MediaEvent("finished", "u3")),
        (b'{"event":"DTMF_END","digit":"0"}', MediaEvent("dtmf", "0")),
    ],
)  # fmt: skip
def test_media_events_are_understood(message: bytes, event: MediaEvent) -> None:
    assert parse_media_event(message) == event


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"MEDIA_XOFF",
        b"[]",
        b"null",
        b'{"event":["x"]}',
        b'{"event":"NEW"}',
        b"\xff\xfe",
        b"[" * 9000,
    ],
)
def test_other_messages_on_the_media_socket_are_ignored(message: bytes) -> None:
    assert parse_media_event(message) is None


def test_an_event_names_its_channel() -> None:
    event = parse_event('{"type":"StasisEnd","channel":{"id":"17.4"},"application":"a"}')
    assert (event.type, event.channel_id) == ("StasisEnd", "17.4")


@pytest.mark.parametrize(
    "text", ["", "[]", "42", "{", "[" * 9000, '{"type":null}', '{"channel":7}', b"\xff"]
)
def test_what_is_no_event_is_an_event_of_no_use(text: str | bytes) -> None:
    event = parse_event(text)
    assert event.type in ("", "None")
    assert event.channel_id == ""


def test_the_wait_before_the_next_try_grows_is_spread_and_has_an_end() -> None:
    assert [backoff_s(attempt, 1.0) for attempt in (0, 1, 2, 50)] == [0.2, 0.4, 0.8, 5.0]
    assert backoff_s(50, 0.0) == 2.5


def test_an_event_without_a_body_has_no_channel() -> None:
    assert AriEvent("Connected").channel_id == ""


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", True),
        ("22.8.0", True),
        ("22.7.0", False),
        ("20.18.2", True),
        ("20.17.0", False),
        ("23.2.0", True),
        ("23.1.0", False),
        ("24.0.0", True),
        ("18.26.4", False),
        ("16.28.0~dfsg-0+deb11u4", False),
        ("certified/20.18-cert1", True),
        ("GIT-master-abc", True),
    ],
)
def test_versions_without_json_control_are_known(version: str, *, enough: bool) -> None:
    assert speaks_json_media(version) is enough
