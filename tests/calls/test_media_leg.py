"""Every kind of audio leg itself on a real Asterisk that has it: what is sent is what is heard."""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import numpy as np
import psutil
import pytest

from bot.ari import AriAddress, AriClient
from bot.arievents import AriEvent, EventStream
from bot.audio import RATE_HZ, samples
from bot.media import AudioLeg, LegFactory, MediaEvent
from bot.media.choice import LegKind, choose_media
from bot.media.legs import open_legs
from bot.media.rtp import RtpStream
from bot.softphone.g711 import codec
from bot.softphone.phone import Call, Phone
from tests.lab.asterisk import Asterisk
from tests.lab.asterisk_tree import NEWEST, OLDEST, Release
from tests.lab.speechlike import speech_like

LEG, BRIDGE = "leg-under-test", "bridge-under-test"
SPEECH = speech_like("а" * 500, RATE_HZ)  # 32 s without a gap
SECOND = RATE_HZ * 2
PATIENCE_S = 30.0

WAYS: dict[str, tuple[LegKind, Release, tuple[str, ...]]] = {
    "websocket": ("websocket", NEWEST, ()),
    "audiosocket": ("audiosocket", NEWEST, ("chan_websocket",)),
    "rtp": ("rtp", NEWEST, ("chan_websocket", "chan_audiosocket")),
    "rtp-16": ("rtp", OLDEST, ()),
}


def counting(seconds: float, seed: int) -> bytes:
    """Loud noise of levels that G.711 has: every sample comes through as it is, or is missed.

    The telephone speaks mu-law and the RTP leg A-law, so only those that survive both.
    """
    mu, a = codec("PCMU"), codec("PCMA")
    levels = mu.levels[np.abs(mu.levels.astype(np.int32)) > 500].astype("<i2").tobytes()
    through = mu.decode(mu.encode(a.decode(a.encode(levels))))
    lasting = samples(levels)[samples(levels) == samples(through)]
    chosen = np.random.default_rng(seed).choice(lasting, int(seconds * RATE_HZ))
    pcm: bytes = chosen.astype("<i2").tobytes()
    return pcm


def voiced(pcm: bytes) -> bytes:
    """The samples that are not silence, which A-law has no code for: it says ±8."""
    found = samples(pcm)
    kept: bytes = found[np.abs(found.astype(np.int32)) > 100].tobytes()
    return kept


def sounds_like(heard: list[bytes], said: bytes) -> bool:
    """Whether every sample was heard, but for what turning one law into the other costs."""
    found, wanted = samples(voiced(b"".join(heard))), samples(said)
    return len(found) == len(wanted) and np.allclose(found, wanted, rtol=0.1)


class Line:
    """An Asterisk, a telephone, and the legs that the worker would have there."""

    def __init__(self, way: str, stack: ExitStack) -> None:
        self.kind, release, left_out = WAYS[way]
        self.asterisk = stack.enter_context(Asterisk(release=release, left_out=left_out))
        self.phone = stack.enter_context(Phone(self.asterisk.sip_server))
        address = AriAddress(
            self.asterisk.http_url, self.asterisk.ari_user, self.asterisk.ari_password
        )
        self.ari = AriClient(address)
        stack.callback(self.ari.close)
        self.events: queue.SimpleQueue[AriEvent] = queue.SimpleQueue()
        stream = EventStream(address, self.asterisk.ari_app, self.events)
        stream.start()
        stack.callback(stream.stop)
        self.choice = choose_media(self.ari)
        legs = open_legs(self.choice, self.ari, self.asterisk.ari_app, None)
        self.new_leg: LegFactory = stack.enter_context(legs)

    def next_event(self, event_type: str) -> AriEvent:
        while (event := self.events.get(timeout=PATIENCE_S)).type != event_type:
            pass
        return event

    def next_start(self, is_wanted: Callable[[str], bool]) -> str:
        while not is_wanted(channel_id := self.next_event("StasisStart").channel_id):
            pass
        return channel_id


class BridgedLeg:
    """A leg bridged with a caller, what it heard, and every event that came from it."""

    def __init__(self, line: Line) -> None:
        self.seen: list[MediaEvent] = []
        self.heard: list[bytes] = []
        answered: queue.SimpleQueue[Call] = queue.SimpleQueue()
        threading.Thread(target=lambda: answered.put(line.phone.dial("100"))).start()
        caller = line.next_start(lambda channel_id: not channel_id.startswith(LEG))
        self.leg: AudioLeg = line.new_leg(LEG, self.heard.append, self.seen.append)
        line.ari.answer(caller)
        self.leg.open()
        line.ari.create_bridge(BRIDGE)
        line.ari.add_to_bridge(BRIDGE, caller)
        line.next_start(lambda channel_id: channel_id == LEG)
        line.ari.add_to_bridge(BRIDGE, LEG)
        self.call = answered.get(timeout=PATIENCE_S)

    def wait_for(self, event: MediaEvent) -> None:
        wait_until(lambda: event in self.seen, lambda: f"{event} did not come: {self.seen}")


def wait_until(holds: Callable[[], bool], otherwise: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < give_up_at, otherwise()
        time.sleep(0.01)


@pytest.fixture(scope="module", params=["websocket", "audiosocket", "rtp-16"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    with ExitStack() as stack:
        yield Line(request.param, stack)


@pytest.fixture
def bridged(line: Line) -> Iterator[BridgedLeg]:
    """A caller on the telephone, and the leg that speaks to them; nothing is left of either."""
    threads, sockets = threading.active_count(), len(psutil.Process().net_connections())
    bridged = BridgedLeg(line)
    yield bridged
    bridged.leg.close()
    bridged.leg.close()
    bridged.call.hangup()
    assert bridged.seen.count(MediaEvent("closed")) == 1
    line.ari.destroy_bridge(BRIDGE)
    assert line.asterisk.left_behind() == []
    wait_until(
        lambda: (
            threading.active_count() <= threads
            and len(psutil.Process().net_connections()) <= sockets + 1
        ),  # ARI's pool may grow by one
        lambda: (threading.enumerate(), psutil.Process().net_connections()),
    )


@pytest.mark.parametrize("line", list(WAYS), indirect=True)
def test_the_best_leg_that_this_asterisk_has_is_chosen(line: Line) -> None:
    assert line.choice.kind == line.kind
    assert line.choice.version == line.asterisk.get("asterisk/info")["system"]["version"]


@pytest.mark.parametrize("line", list(WAYS), indirect=True)
def test_what_is_sent_is_heard_once_whatever_pauses_there_are(bridged: BridgedLeg) -> None:
    leg, call = bridged.leg, bridged.call
    sent = [counting(0.3, 1) + counting(0.3, 1)[:2], counting(0.6, 2), counting(0.2, 3)[:-2]]
    leg.begin()
    leg.send(sent[0])
    leg.mark("u1.0")  # its last sample is in the middle of a frame
    time.sleep(0.4)  # nothing more for a while, as when a sentence is late
    assert MediaEvent("finished", "u1") not in bridged.seen
    leg.send(sent[1])
    wait_until(lambda: len(voiced(call.recording())) > SECOND * 0.4, lambda: "nothing heard")
    leg.pause()
    leg.send(sent[2])
    leg.finish("u1")
    time.sleep(0.3)
    assert MediaEvent("finished", "u1") not in bridged.seen
    leg.resume()
    bridged.wait_for(MediaEvent("finished", "u1"))
    told = [event for event in bridged.seen if event.type in ("played", "finished")]
    assert told == [MediaEvent("played", "u1.0"), MediaEvent("finished", "u1")]
    time.sleep(0.2)
    assert voiced(b"".join(packet.pcm for packet in call.received)) == b"".join(sent)


def test_a_flushed_leg_is_silent_at_once_and_speaks_again(bridged: BridgedLeg) -> None:
    leg, call = bridged.leg, bridged.call
    leg.begin()
    leg.send(SPEECH[: 10 * SECOND])  # more than one message may hold
    leg.mark("u1.0")
    assert call.wait_speech(0.0, PATIENCE_S) is not None
    leg.pause()
    leg.flush()
    time.sleep(0.3)
    flushed_at = time.monotonic()
    assert call.wait_speech(flushed_at, 0.3) is None
    leg.begin()
    leg.send(SPEECH[: SECOND // 2])
    leg.finish("u2")
    bridged.wait_for(MediaEvent("finished", "u2"))
    assert call.wait_speech(flushed_at, PATIENCE_S) is not None
    assert MediaEvent("played", "u1.0") not in bridged.seen


def test_the_caller_is_heard_as_they_speak_and_their_keys_are_told(
    line: Line, bridged: BridgedLeg
) -> None:
    said = counting(0.6, 4)
    bridged.leg.begin()  # silence flows
    bridged.call.play(said)
    assert bridged.call.wait_played()
    wait_until(lambda: sounds_like(bridged.heard, said), lambda: len(bridged.heard))
    bridged.call.send_dtmf("5")
    assert line.next_event("ChannelDtmfReceived").digit == "5"
    if line.kind == "audiosocket":
        bridged.wait_for(MediaEvent("dtmf", "5"))
    if line.kind != "websocket":  # which sends nothing by itself since 22.9
        packets = len(bridged.call.received)
        wait_until(lambda: len(bridged.call.received) > packets + 10, lambda: "no silence flows")


def test_a_leg_that_asterisk_hangs_up_is_closed(line: Line, bridged: BridgedLeg) -> None:
    bridged.leg.begin()
    line.ari.hang_up(LEG)
    bridged.wait_for(MediaEvent("closed"))


@pytest.mark.parametrize("line", ["rtp-16"], indirect=True)
def test_a_hundred_legs_do_not_wear_asterisk_out(line: Line) -> None:
    for number in range(100):  # with format=slin it crashed after some forty
        leg = line.new_leg(f"{LEG}-{number}", lambda _: None, lambda _: None)
        leg.open()
        leg.close()
    assert line.asterisk.left_behind() == []
    assert "FRACK" not in line.asterisk.log()


@pytest.mark.parametrize("line", ["rtp-16"], indirect=True)
def test_sound_from_the_wrong_place_is_not_heard(line: Line, bridged: BridgedLeg) -> None:
    (ours,) = (
        each.laddr
        for each in psutil.Process().net_connections("udp")
        if each.raddr and each.raddr != line.asterisk.sip_server
    )
    stream = RtpStream()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(50):
            stranger.sendto(stream.packet(b"\1\2" * 160), ours)
    said = counting(0.2, 5)
    bridged.call.play(said)
    assert bridged.call.wait_played()
    wait_until(lambda: sounds_like(bridged.heard, said), lambda: len(bridged.heard))


@pytest.mark.parametrize("line", ["websocket"], indirect=True)
def test_a_full_queue_is_told_and_a_flush_makes_room(bridged: BridgedLeg) -> None:
    bridged.leg.begin()
    for start in range(0, 19 * SECOND, SECOND):
        bridged.leg.send(SPEECH[start : start + SECOND])
    bridged.wait_for(MediaEvent("flow_off"))
    assert MediaEvent("flow_on") not in bridged.seen
    bridged.leg.flush()
    bridged.wait_for(MediaEvent("flow_on"))
