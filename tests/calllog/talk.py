"""Lines and whole calls for the tests of the call log."""

import json
import threading
from collections.abc import Callable

from bot.calllog import CallLog
from bot.calllog.filter import CallFilter
from bot.records import AnswerTrace, BotLine, UserLine
from bot.retrieval import Base
from tests.calllog.conftest import START


def asked(words: str) -> UserLine:
    return UserLine(words, raw=words, at=START)


def answered(words: str, source: Base | None = None) -> BotLine:
    return BotLine(words, at=START, trace=AnswerTrace(source=source))


def one_call(calls: CallLog, question: str, *sources: Base, caller: str = "+79610000001") -> int:
    number = calls.start_call(caller, "channel", "worker-1")
    calls.append(number, asked(question))
    for source in sources:
        calls.append(number, answered("Ответ.", source))
    calls.end_call(number, "Completed")
    return number


def found(calls: CallLog, wanted: CallFilter) -> list[int]:
    return [call.id for call in calls.calls(wanted)[0]]


def run_together(*jobs: Callable[[], object]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def said_in(calls: CallLog, number: int) -> list[str]:
    call = calls.call(number)
    assert call is not None
    return [line["text"] for line in json.loads(call.transcript_json)]
