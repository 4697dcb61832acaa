"""Recorded calls: what is in the file is what was said and heard, whatever happens meanwhile."""

import signal
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from bot.audio import RATE_HZ, samples
from bot.calllog import CallLog
from bot.calllog.recordings import Recording, read_recording
from bot.prompts import read_prompts
from bot.recording.folder import RecordingFolder
from bot.recording.keeper import RecordingKeeper
from bot.softphone.phone import Call, Phone
from tests.calls.dialogue import ask, hear_greeting, hear_out
from tests.lab.asterisk import Asterisk
from tests.lab.openai_server import OpenAIServer
from tests.lab.redis import RedisServer
from tests.lab.worker import REPO, Worker

PROMPTS = read_prompts(REPO / "kb" / "prompts.json")
LONG_ANSWER = " ".join(f"Это предложение номер {number} ответа.|" for number in range(1, 9))
WAIT_S = 30.0
ALIGNED = 40 * RATE_HZ // 1000
HALF_S = RATE_HZ // 2
LOUD = 500

Side = NDArray[np.int16]


@pytest.fixture(scope="module")
def recorded_asterisk() -> Iterator[Asterisk]:
    with Asterisk() as server:
        yield server


@pytest.fixture(scope="module")
def recording_worker(
    recorded_asterisk: Asterisk,
    redis_server: RedisServer,
    cloud: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("recording")
    environment = recorded_asterisk.environment() | {"REDIS_URL": redis_server.url} | cloud
    environment |= {"RECORD_CALLS": "1", "RECORDINGS_PATH": str(folder / "recordings")}
    with Worker(environment, folder) as worker:
        yield worker


@pytest.fixture
def recorded_phone(recorded_asterisk: Asterisk, openai_service: OpenAIServer) -> Iterator[Phone]:
    openai_service.forget()
    openai_service.plan.asr_s = openai_service.plan.first_token_s = 0.0
    with Phone(recorded_asterisk.sip_server) as telephone:
        yield telephone


def folder_of(worker: Worker) -> RecordingFolder:
    return RecordingFolder(Path(worker.environment["RECORDINGS_PATH"]))


def recording_of(worker: Worker, call_id: int) -> Recording:
    """The recording of a call once it is finished."""
    calls = CallLog(f"sqlite:///{worker.database}")
    give_up_at = time.monotonic() + WAIT_S
    try:
        while time.monotonic() < give_up_at:
            with calls.connection() as connection:
                found = read_recording(connection, call_id)
            if found is not None:
                return found
            time.sleep(0.05)
    finally:
        calls.close()
    raise TimeoutError("".join(worker.output[-20:]))


def sides(path: Path) -> tuple[Side, Side]:
    """The caller and the assistant."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    both = np.concatenate(frames, axis=1).reshape(-1, 2)
    left, right = both.astype(np.int16).T
    return left, right


def began_s(recording: Recording) -> float:
    """When it began, by the clock of the telephone."""
    return recording.began_at.timestamp() - (time.time() - time.monotonic())


def heard_since(call: Call, began: float) -> Side:
    """What the telephone heard, each packet where it arrived."""
    packets = call.received
    whole = np.zeros(round((packets[-1].at_s - began + 1.0) * RATE_HZ), np.int16)
    for packet in packets:
        place, sound = round((packet.at_s - began) * RATE_HZ), samples(packet.pcm)
        whole[place : place + len(sound)] = sound
    return whole


def place_of(part: Side, whole: Side) -> tuple[int, float]:
    """Where ``part`` is in ``whole``, in samples, and how alike they are there, 0…1."""
    size = 1 << (len(part) + len(whole)).bit_length()
    a, b = part.astype(float), whole.astype(float)
    product = np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size))
    correlation = np.fft.irfft(product, size)[: max(1, len(whole) - len(part) + 1)]
    place = int(np.argmax(correlation))
    there = b[place : place + len(part)]
    return place, float(correlation[place] / (np.linalg.norm(a) * np.linalg.norm(there) + 1e-9))


def moved(heard: Side, recorded: Side) -> list[int]:
    """By how many samples each loud half second of what was heard is moved in the recording."""
    found = []
    for start in range(HALF_S, len(heard) - HALF_S, HALF_S):
        part = heard[start : start + HALF_S]
        around = recorded[start - HALF_S : start + 2 * HALF_S]
        place, alike = place_of(part, around)
        if np.abs(part).max() > LOUD and alike > 0.9:
            found.append(place - HALF_S)
    return found


def test_both_sides_are_recorded_as_they_were_said_and_heard_over_interruptions(
    recording_worker: Worker, recorded_phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    """And who speaks over the notice hears it after the first answer that they hear out."""
    worker = recording_worker
    openai_service.plan.transcript = "Расскажите про захваты?"
    openai_service.answer(LONG_ANSWER)
    with recorded_phone.dial("100") as call:
        assert call.wait_speech(call.answered_at, 20.0) is not None
        time.sleep(0.5)
        ask(call, words)
        time.sleep(1.0)
        openai_service.plan.transcript = "Угу."
        call.play(words[: int(0.45 * 16000)])
        call.wait_played()
        assert call.wait_speech(call.speech_sent_at[-1] + 0.3, 5.0) is not None
        time.sleep(1.0)
        openai_service.plan.transcript = "Сколько стоит доставка?"
        interrupts_at = len(call.speech_sent_at)
        ask(call, words)
        hear_out(call)
    record = worker.wait_for_call()
    recording = recording_of(worker, record["id"])
    path = folder_of(worker).finished(recording.file)
    left, right = sides(path)
    began = began_s(recording)

    heard = heard_since(call, began)
    by = moved(heard, right)
    assert len(by) > 8
    assert max(map(abs, by)) <= ALIGNED

    said = samples(words)
    for number in (0, interrupts_at):
        sent = round((call.speech_sent_at[number] - began) * RATE_HZ)
        place, alike = place_of(said, left[sent - HALF_S : sent + HALF_S + len(said)])
        assert alike > 0.98
        assert abs(place - HALF_S) <= ALIGNED
    overlap = round((call.speech_sent_at[interrupts_at] - began) * RATE_HZ)
    assert np.abs(left[overlap : overlap + HALF_S]).max() > LOUD
    assert np.abs(right[overlap - HALF_S : overlap]).max() > LOUD, "we were speaking then"

    greeting, _, stopped, _, last = record["lines"]
    assert greeting["text"] == f"{PROMPTS.greeting} {PROMPTS.recording_notice}"
    assert greeting["interrupted"]
    assert stopped["interrupted"]
    assert last["text"].endswith(f" {PROMPTS.recording_notice}")
    assert (recording.state, recording.trouble) == ("kept", "")
    assert recording.seconds == pytest.approx(len(left) / RATE_HZ, abs=0.001)
    assert recording.bytes == path.stat().st_size
    assert path.name.startswith(f"{record['id']}-")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_full_disk_costs_the_recording_and_not_the_call(
    recording_worker: Worker, recorded_phone: Phone, openai_service: OpenAIServer, words: bytes
) -> None:
    """No file may grow beyond 64 kB: neither the recording, nor the call log until the end."""
    worker = recording_worker
    assert worker.process is not None
    process, seen = psutil.Process(worker.process.pid), len(worker.calls())
    before = process.rlimit(psutil.RLIMIT_FSIZE)
    openai_service.plan.transcript = "Какая гарантия на машину?"
    try:
        process.rlimit(psutil.RLIMIT_FSIZE, (64_000, before[1]))
        with recorded_phone.dial("100") as call:
            hear_greeting(call)
            worker.wait_for_log("recording given up")
            ask(call, words)
            hear_out(call)
            process.rlimit(psutil.RLIMIT_FSIZE, before)
    finally:
        process.rlimit(psutil.RLIMIT_FSIZE, before)
    record = worker.wait_for_call(seen)
    assert record["status"] == "Completed"
    assert [line["role"] for line in record["lines"]] == ["bot", "user", "bot"]
    assert not record["lines"][2]["text"].endswith(PROMPTS.recording_notice), "it was heard before"
    recording = recording_of(worker, record["id"])
    assert (recording.state, recording.trouble) == ("kept", "disk_full")
    left, _ = sides(folder_of(worker).finished(recording.file))
    assert 1.0 < len(left) / RATE_HZ < 2.1
    assert (
        sum(
            "recording given up call_id" in line and "trouble=disk_full" in line
            for line in worker.output
        )
        == 1
    )


def test_a_killed_worker_leaves_what_was_recorded(
    recording_worker: Worker, recorded_phone: Phone
) -> None:
    """The last test of this worker."""
    worker, folder = recording_worker, folder_of(recording_worker)
    assert worker.process is not None
    with recorded_phone.dial("100") as call:
        hear_greeting(call)
        time.sleep(1.5)
        worker.process.send_signal(signal.SIGKILL)
        worker.process.wait()
    (stem,) = folder.unfinished()
    with wave.open(str(folder.growing(stem))) as file:
        assert file.getnframes() > RATE_HZ
        assert np.abs(samples(file.readframes(file.getnframes()))).max() > LOUD
    call_id = worker.calls()[-1]["id"]
    calls = CallLog(f"sqlite:///{worker.database}")
    RecordingKeeper(folder, calls, None).look_after()
    calls.close()
    recording = recording_of(worker, call_id)
    assert (recording.state, recording.trouble) == ("kept", "killed")
    _, right = sides(folder.finished(recording.file))
    assert moved(heard_since(call, began_s(recording)), right)


def test_nothing_is_recorded_or_said_of_it_by_default(worker: Worker, phone: Phone) -> None:
    seen = len(worker.calls())
    with phone.dial("100") as call:
        hear_greeting(call)
    assert worker.wait_for_call(seen)["lines"][0]["text"] == PROMPTS.greeting
    assert not (worker.folder / "data").exists()
