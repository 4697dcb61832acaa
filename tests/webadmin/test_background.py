"""Long work is seen by everybody, started once, and never said to be what it is not."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BusyError, ChangeError
from webadmin.background import Jobs, Report
from webadmin.jobrecords import Job

ZONE = ZoneInfo("Europe/Moscow")


class Clock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2025, 8, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


MakeJobs = Callable[..., Jobs]


@pytest.fixture
def make_jobs(tmp_path: Path) -> MakeJobs:
    def make(kept: int = 50) -> Jobs:
        return Jobs(tmp_path / "jobs", Clock(), ZONE, kept)

    return make


@pytest.fixture
def gate() -> Iterator[Event]:
    """What a job of a test waits for; opened at the end in any case."""
    opened = Event()
    yield opened
    opened.set()


def ended(jobs: Jobs, job: Job) -> Job:
    while (now := jobs.get(job.id)) is None or not now.has_ended:
        time.sleep(0.005)
    return now


def start(jobs: Jobs, work: Callable[[Report], str], kind: str = "base") -> Job:
    return jobs.start(kind, "Иван", work, title="Обновление базы")


def test_a_job_tells_how_far_it_is_and_how_it_ended(make_jobs: MakeJobs, gate: Event) -> None:
    jobs, half_way = make_jobs(), Event()

    def work(report: Report) -> str:
        report(1, 4, "Читаю")
        report(2, 4)
        half_way.set()
        gate.wait(60)
        return "Готово: 4 раздела."

    job = start(jobs, work)
    assert (job.state, job.has_ended) == ("queued", False)
    half_way.wait(60)
    now = jobs.get(job.id)
    assert now is not None
    assert (now.state, now.done, now.of, now.words) == ("running", 2, 4, "Читаю")
    gate.set()
    last = ended(jobs, job)
    assert (last.state, last.message, last.author) == ("done", "Готово: 4 раздела.", "Иван")
    assert last.ended_at is not None
    assert last.ended_at > last.started_at


def test_a_kind_that_runs_is_not_started_again_and_the_refusal_says_by_whom(
    make_jobs: MakeJobs, gate: Event
) -> None:
    jobs = make_jobs()
    first = start(jobs, lambda _: str(gate.wait(60)))
    with pytest.raises(BusyError, match=r"«Обновление базы».*начал Иван в 12:00:01"):
        start(jobs, lambda _: "не должно быть")
    other = start(jobs, lambda _: "другое", kind="other")
    assert ended(jobs, other).state == "done"
    gate.set()
    ended(jobs, first)
    assert ended(jobs, start(jobs, lambda _: "снова")).message == "снова"


def test_of_many_who_start_at_once_one_does(make_jobs: MakeJobs, gate: Event) -> None:
    jobs = make_jobs()

    def attempt(_: int) -> bool:
        try:
            start(jobs, lambda _: str(gate.wait(60)))
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 1


def test_a_failure_is_told_in_its_own_words(make_jobs: MakeJobs) -> None:
    def work(_: Report) -> str:
        raise ChangeError("В базе нет заголовков.")

    jobs = make_jobs()
    last = ended(jobs, start(jobs, work))
    assert (last.state, last.message) == ("failed", "В базе нет заголовков.")


def test_a_crash_is_told_by_its_number_and_logged(
    make_jobs: MakeJobs, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_: Report) -> str:
        raise ZeroDivisionError("secret")

    jobs = make_jobs()
    last = ended(jobs, start(jobs, work))
    assert last.state == "failed"
    assert last.id in last.message
    assert "secret" not in last.message
    assert last.id in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_youngest_is_first_and_found_by_its_kind(make_jobs: MakeJobs) -> None:
    jobs = make_jobs()
    made = []
    for number in range(6):
        made.append(start(jobs, str, kind=f"kind-{number % 2}"))
        ended(jobs, made[-1])
    assert [job.id for job in jobs.recent()] == [job.id for job in reversed(made)]
    latest = jobs.latest("kind-0")
    assert latest is not None
    assert latest.id == made[4].id
    assert jobs.latest("none") is None


def test_old_jobs_are_forgotten_and_running_ones_never(
    make_jobs: MakeJobs, tmp_path: Path, gate: Event
) -> None:
    jobs = make_jobs(kept=2)
    running = start(jobs, lambda _: str(gate.wait(60)), kind="long")
    made = []
    for _ in range(5):
        made.append(start(jobs, str))
        ended(jobs, made[-1])
    start(jobs, lambda _: str(gate.wait(60)))  # each start sweeps
    assert jobs.get(made[0].id) is None
    assert jobs.get(running.id) is not None
    assert len(list((tmp_path / "jobs").glob("*.json"))) == 4


def test_what_ended_is_still_known_to_the_next_process(make_jobs: MakeJobs) -> None:
    first = make_jobs()
    last = ended(first, start(first, lambda _: "готово"))
    while make_jobs().get(last.id) != last:  # told first, then written
        time.sleep(0.005)
    assert [job.id for job in make_jobs().recent()] == [last.id]


def test_a_job_of_another_living_process_runs_and_stops_a_second_one(
    make_jobs: MakeJobs, gate: Event
) -> None:
    first = make_jobs()
    job = start(first, lambda _: str(gate.wait(60)))
    second = make_jobs()
    seen = second.get(job.id)
    assert seen is not None
    assert not seen.has_ended
    with pytest.raises(BusyError):
        start(second, str)


DYING = """
import sys, threading
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo
from webadmin.background import Jobs

jobs = Jobs(Path(sys.argv[1]), lambda: datetime.now(UTC), ZoneInfo("UTC"))
job = jobs.start("base", "Иван", lambda report: str(threading.Event().wait()), title="Работа")
print(job.id, flush=True)
threading.Event().wait()
"""


def test_what_ran_in_a_killed_process_is_told_as_interrupted(
    make_jobs: MakeJobs, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DYING, str(tmp_path / "jobs")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    job_id = process.stdout.readline().strip()
    jobs = make_jobs()
    alive = jobs.get(job_id)
    assert alive is not None
    assert not alive.has_ended
    process.kill()
    process.communicate()
    dead = jobs.get(job_id)
    assert dead is not None
    assert dead.state == "interrupted"
    assert "заново" in dead.message
    assert dead.ended_at is None  # nobody knows when
    ended(jobs, start(jobs, str))  # and it is in nobody's way
    make_jobs()
    assert len(list((tmp_path / "jobs").glob("*.alive"))) == 2  # of those who live


@pytest.mark.parametrize("contents", ["", "{", "[]", '{"id": 1}', "\x00"])
def test_a_damaged_file_is_no_job(make_jobs: MakeJobs, tmp_path: Path, contents: str) -> None:
    jobs = make_jobs()
    (tmp_path / "jobs" / "broken.json").write_text(contents)
    assert jobs.get("broken") is None
    assert jobs.recent() == []


@pytest.mark.parametrize("job_id", ["../{}", "x/../{}", "..", "*", "", "\x00", "а" * 500])
def test_an_id_is_not_a_path(make_jobs: MakeJobs, tmp_path: Path, job_id: str) -> None:
    jobs = make_jobs()
    job = ended(jobs, start(jobs, str))
    kept = tmp_path / "jobs" / f"{job.id}.json"
    while not kept.exists():
        time.sleep(0.005)
    (tmp_path / "jobs" / "x").mkdir()
    (tmp_path / kept.name).write_bytes(kept.read_bytes())
    assert make_jobs().get(job.id) is not None
    assert make_jobs().get(job_id.format(job.id)) is None


def test_a_disk_that_does_not_write_is_told_and_nothing_runs(
    make_jobs: MakeJobs, tmp_path: Path
) -> None:
    jobs = make_jobs()
    folder = tmp_path / "jobs"
    folder.rename(tmp_path / "elsewhere")
    folder.touch()
    with pytest.raises(ChangeError, match="диск не пишет"):
        start(jobs, str)
    assert jobs.recent() == []
