"""The body of a worker process: services, the worker, and who may end it."""

import logging
import signal

from bot.ari import AriError
from bot.logsetup import set_up_logging
from bot.processes.entrance import Entrance
from bot.processes.link import SupervisorLink
from bot.processes.name import WorkerName, worker_name
from bot.processes.orphans import evict
from bot.runtime import ari_client, open_services, wait_for_asterisk
from bot.services import CallServices
from bot.settings import Settings
from bot.worker import Worker

log = logging.getLogger(__name__)

REPLACED_EXIT_CODE = 3


def run_alone(settings: Settings) -> int:
    """The only worker of this host, which lets callers in by itself; the exit code."""
    set_up_logging(settings)
    version = wait_for_asterisk(settings)
    name = worker_name(settings, 1)
    _clear(settings, name)
    with open_services(settings, name) as services:
        entrance = Entrance(services.ari, settings.ari_app, lambda: name.app)
        worker = _worker(settings, services, entrance, None)
        _end_on_signals(worker)
        print(f"bot: ready, Asterisk {version}, application {settings.ari_app}", flush=True)
        worker.run()
    return REPLACED_EXIT_CODE if worker.replaced else 0


def run_supervised(settings: Settings, number: int, link: SupervisorLink) -> int:
    """One of several worker processes; the exit code.

    The supervisor decides when it ends. Signals that reach a whole group of processes, as a
    terminal's and systemd's do, must not count twice: SIGTERM drains however often it comes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_up_logging(settings, number)
    wait_for_asterisk(settings)
    name = worker_name(settings, number)
    _clear(settings, name)
    with open_services(settings, name, serves_metrics=False) as services:
        worker = _worker(settings, services, None, link)
        signal.signal(signal.SIGTERM, lambda *_: worker.drain())
        link.follow(worker.drain, worker.stop)
        worker.run()
    return REPLACED_EXIT_CODE if worker.replaced else 0


def _worker(
    settings: Settings,
    services: CallServices,
    entrance: Entrance | None,
    link: SupervisorLink | None,
) -> Worker:
    tell_calls = link.tell_calls if link is not None else lambda _: None
    return Worker(services, settings.max_calls, settings.drain_timeout_s, entrance, tell_calls)


def _clear(settings: Settings, name: WorkerName) -> None:
    """Callers whom this worker's killed predecessor had need not wait until this one is ready."""
    ari = ari_client(settings)
    try:
        evict(ari, name.app)
    except AriError as error:
        log.warning("orphans not evicted yet error=%s", error)
    finally:
        ari.close()


def _end_on_signals(worker: Worker) -> None:
    """SIGTERM drains, a second one ends at once, as SIGINT does."""

    def terminate(*_: object) -> None:
        if worker.is_draining:
            worker.stop()
        worker.drain()

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, lambda *_: worker.stop())
