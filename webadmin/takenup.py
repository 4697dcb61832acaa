"""Whether callers are answered from the release in service yet, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from bot.records import now
from bot.releases.takeup import TakenUp, worker_states
from webadmin.services import services

blueprint = Blueprint("takenup", __name__)

_SOON = timedelta(seconds=15)
"""A worker looks every second; loading the index of a large base takes some more."""


@dataclass(frozen=True)
class TakeUpState:
    """What the workers that run answer from, beside the release ``number`` in service."""

    number: int
    running: list[TakenUp]
    last_seen: list[TakenUp]
    """Workers that run no more, if none does."""
    is_late: bool

    @property
    def waiting(self) -> list[TakenUp]:
        """Workers that answer from another release."""
        return [one for one in self.running if one.release != self.number]

    @property
    def is_complete(self) -> bool:
        """All workers answer from it."""
        return bool(self.running) and not self.waiting

    @property
    def at(self) -> datetime:
        """When the last of the workers took it up."""
        return max(one.at for one in self.running)


def take_up_state() -> TakeUpState:
    """How far the release in service has come; raises when there is none."""
    store = services().releases
    number = store.require_in_service()
    states = worker_states(store.directory)
    running = [state.taken_up for state in states if state.is_running]
    stopped = [state.taken_up for state in states if not state.is_running]
    is_late = now() - store.record(number).published_at > _SOON
    return TakeUpState(number, running, [] if running else stopped, is_late)


@blueprint.get("/logs-ui/taken-up")
def line() -> ResponseReturnValue:
    """The line that tells it; asks for itself until the workers have taken the release up."""
    return render_template("taken_up.html", take_up=take_up_state())
