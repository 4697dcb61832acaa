"""The WebSocket leg itself on a real Asterisk: flow control, marks, pause and flush."""

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from bot.ari import AriAddress, AriClient
from bot.arievents import AriEvent, EventStream
from bot.audio import RATE_HZ
from bot.media import MediaEvent, WebSocketLeg
from bot.softphone.phone import Call, Phone
from tests.lab.asterisk import Asterisk
from tests.lab.speechlike import speech_like

LEG, BRIDGE = "leg-under-test", "bridge-under-test"
SPEECH = speech_like("а" * 500, RATE_HZ)  # 32 s without a gap
SECOND = RATE_HZ * 2


class BridgedLeg:
    """A leg bridged with a caller, and every event that came from it."""

    def __init__(self, ari: AriClient, app: str, events: "queue.SimpleQueue[AriEvent]") -> None:
        self.seen: list[MediaEvent] = []
        caller = _next_start(events)
        self.leg = WebSocketLeg(ari, app, LEG, lambda _: None, self.seen.append)
        ari.answer(caller)
        self.leg.open()
        ari.create_bridge(BRIDGE)
        ari.add_to_bridge(BRIDGE, caller)
        _next_start(events)
        ari.add_to_bridge(BRIDGE, LEG)

    def wait_for(self, event: MediaEvent, timeout_s: float = 10.0) -> None:
        give_up_at = time.monotonic() + timeout_s
        while event not in self.seen:
            assert time.monotonic() < give_up_at, f"{event} did not come: {self.seen}"
            time.sleep(0.01)


def _next_start(events: "queue.SimpleQueue[AriEvent]") -> str:
    while (event := events.get(timeout=10)).type != "StasisStart":
        pass
    return event.channel_id


@pytest.fixture
def line() -> Iterator[tuple[BridgedLeg, Call]]:
    """A caller on the telephone, and the leg that speaks to them."""
    with Asterisk() as asterisk, Phone(asterisk.sip_server) as phone:
        ari = AriClient(AriAddress(asterisk.http_url, asterisk.ari_user, asterisk.ari_password))
        events: queue.SimpleQueue[AriEvent] = queue.SimpleQueue()
        stream = EventStream(ari.address, asterisk.ari_app, events)
        stream.start()
        assert events.get(timeout=10).type == "Connected"
        answered: queue.SimpleQueue[Call] = queue.SimpleQueue()
        threading.Thread(target=lambda: answered.put(phone.dial("100"))).start()
        bridged = BridgedLeg(ari, asterisk.ari_app, events)
        yield bridged, answered.get(timeout=10)
        bridged.leg.close()
        stream.stop()
        ari.close()


def test_a_full_queue_is_told_and_a_flush_makes_room(line: tuple[BridgedLeg, Call]) -> None:
    bridged, _ = line
    bridged.leg.begin()
    for start in range(0, 19 * SECOND, SECOND):
        bridged.leg.send(SPEECH[start : start + SECOND])
    bridged.wait_for(MediaEvent("flow_off"))
    assert MediaEvent("flow_on") not in bridged.seen
    bridged.leg.flush()
    bridged.wait_for(MediaEvent("flow_on"))


def test_marks_and_the_end_come_back_in_the_order_of_the_sound(
    line: tuple[BridgedLeg, Call],
) -> None:
    bridged, call = line
    bridged.leg.begin()
    bridged.leg.send(SPEECH[: SECOND + 2])  # a tail that fills no frame must not be lost
    bridged.leg.mark("u1.0")
    bridged.leg.send(SPEECH[SECOND + 2 : 2 * SECOND])
    bridged.leg.finish("u1")
    bridged.wait_for(MediaEvent("finished", "u1"))
    told = [event for event in bridged.seen if event.type in ("played", "finished")]
    assert told == [MediaEvent("played", "u1.0"), MediaEvent("finished", "u1")]
    heard = call.heard.speech_at()
    assert 85 <= len(heard) <= 101  # two seconds less the 120 ms of silence at the beginning


def test_a_paused_leg_is_silent_and_plays_on_and_a_flushed_one_speaks_again(
    line: tuple[BridgedLeg, Call],
) -> None:
    bridged, call = line
    bridged.leg.begin()
    bridged.leg.send(SPEECH[: 10 * SECOND])  # more than one message may hold
    assert call.wait_speech(0.0, 5.0) is not None
    bridged.leg.pause()
    time.sleep(0.3)
    before = len(call.heard.speech_at())
    time.sleep(0.5)
    assert len(call.heard.speech_at()) == before
    bridged.leg.resume()
    assert call.wait_speech(time.monotonic(), 5.0) is not None
    bridged.leg.pause()
    bridged.leg.flush()
    time.sleep(0.3)
    flushed_at = time.monotonic()
    assert call.wait_speech(flushed_at, 0.5) is None
    bridged.leg.begin()
    bridged.leg.send(SPEECH[:SECOND])
    bridged.leg.finish("u2")
    assert call.wait_speech(flushed_at, 5.0) is not None
    bridged.wait_for(MediaEvent("finished", "u2"))
