"""What stands above the calls: how many there are, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

from webadmin.live.calls import LiveCall
from webadmin.live.condition import Condition

_NO_LOG = (
    "База звонков не отвечает: показано последнее, что из неё прочитано. "
    "Проверьте диск и DATABASE_URL; страница продолжит сама."
)
_NO_WORKER = (
    "Помощник не запущен, звонки не принимаются. "
    "Запустите его на сервере: make run или python -m bot."
)
_MOST_NUMBERS = 10


@dataclass(frozen=True)
class Situation:
    """``count`` are the calls that go on; ``troubles`` are sentences for operators."""

    count: int = 0
    troubles: tuple[str, ...] = ()


def situation(
    count: int, condition: Condition, left_open: Sequence[LiveCall], *, is_log_read: bool
) -> Situation:
    """``left_open`` are in progress by the log alone: nobody runs who could have them."""
    troubles = []
    if not is_log_read:
        troubles.append(_NO_LOG)
    if not condition.workers:
        troubles.append(_NO_WORKER)
    if condition.asterisk_fault:
        troubles.append(
            f"Asterisk {condition.asterisk_fault}. "
            "Положить трубку и передать разговор отсюда сейчас нельзя."
        )
    if left_open:
        troubles.append(_told_left_open(left_open))
    return Situation(count, tuple(troubles))


def _told_left_open(calls: Sequence[LiveCall]) -> str:
    numbers = ", ".join(str(call.id) for call in calls[:_MOST_NUMBERS])
    more = f" и ещё {len(calls) - _MOST_NUMBERS}" if len(calls) > _MOST_NUMBERS else ""
    return (
        f"Не закончены в журнале, но уже не идут звонки № {numbers}{more}: программа, которая их "
        "вела, остановилась. При запуске помощник отметит их как «сбой»."
    )
