"""The admin is killed while a call goes on: the call's worker and the live page do without it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.calllog import CallLog
from bot.calllog.unwritten import UnwrittenFile
from bot.calllog.writer import CallWriter
from bot.records import UserLine, now
from bot.releases.takeup import TakeUps
from tests.lab.admin import Admin
from tests.lab.ports import free_port
from tests.webadmin.answering import place_environment
from tests.webadmin.test_live_streams import PATIENCE_S, WORKER, Operator


def test_a_live_page_goes_on_by_itself_after_the_admin_was_killed(tmp_path: Path) -> None:
    environment = place_environment(tmp_path, ARI_URL=f"http://127.0.0.1:{free_port()}")
    calls = CallLog(f"sqlite:///{tmp_path / 'log.sqlite'}")
    writer = CallWriter(calls, UnwrittenFile(tmp_path / "unwritten.jsonl"))
    with TakeUps(tmp_path / "index", WORKER) as told, ThreadPoolExecutor(1) as pool:
        told(1)
        admin = Admin(environment, free_port())
        with admin:
            number = writer.start_call("+79610000001", "channel", WORKER)
            page = Operator(admin)
            writer.append(number, UserLine("Первая реплика", "", now()))
            assert page.read_until("Первая реплика")
            seen = pool.submit(page.read_until, "Вторая реплика")
            admin.kill()
        writer.append(number, UserLine("Вторая реплика", "", now()))
        with admin:
            assert seen.result(PATIENCE_S)
    writer.close()
    calls.close()
