"""Puts a worker's services together from the settings, and takes them apart again."""

import gc
import logging
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from prometheus_client import CollectorRegistry

from bot.agent_setup import build_answering
from bot.ari import AriAddress, AriClient, AriError
from bot.arievents import SAY_EVERY_S, backoff_s
from bot.asr.choose import with_stand_by
from bot.cache import Cache
from bot.calllog import CallLog, CallLogError
from bot.calllog.retention import period_of, period_of_recordings
from bot.calllog.unwritten import UnwrittenFile
from bot.calllog.writer import CallWriter
from bot.errors import SettingError
from bot.longlived import leave_alone
from bot.media.choice import MediaChoice, choose_media
from bot.media.legs import open_legs
from bot.metrics import Metrics, serve
from bot.phrases import phrases_ready
from bot.processes.name import WorkerName
from bot.recording import Recorder
from bot.recording.folder import RecordingFolder
from bot.recording.keeper import RecordingKeeper
from bot.release import PromptsInService
from bot.releases.takeup import TakeUps
from bot.services import CallServices
from bot.settings import Settings
from bot.speech import Speech
from bot.tts.choose import choose_synthesiser
from bot.turntiming import TurnTiming
from bot.vad import VoiceModel

log = logging.getLogger(__name__)

JOBS_PER_CALL = 2
"""Recognition and answer of one call may be under way together."""


def ari_client(settings: Settings) -> AriClient:
    """The ARI client that the settings describe."""
    address = AriAddress(
        settings.ari_url, settings.ari_user, settings.ari_password.get_secret_value()
    )
    return AriClient(address, connections=settings.max_calls)


def wait_for_asterisk(settings: Settings) -> str:
    """Wait until Asterisk answers; its version.

    Says once a minute what is wrong. Raises :class:`bot.errors.UnsupportedAsteriskError`
    when it answers and has no media leg for us.
    """
    ari = ari_client(settings)
    try:
        return _wait_for_media(ari).version
    finally:
        ari.close()


def _wait_for_media(ari: AriClient) -> MediaChoice:
    attempt, silent_s = 0, SAY_EVERY_S
    while True:
        try:
            return choose_media(ari)
        except AriError as error:
            wait_s = backoff_s(attempt, random.random())  # noqa: S311 - jitter
            silent_s += wait_s
            if silent_s >= SAY_EVERY_S:
                log.warning("asterisk unreachable error=%s advice=%s", error, _advice(error))
                silent_s = 0.0
            attempt += 1
            time.sleep(wait_s)


def _advice(error: AriError) -> str:
    if error.code == 401:
        return "check ARI_USER and ARI_PASSWORD"
    return "is Asterisk running, is ARI_URL right? python -m bot.check tells more"


@contextmanager
def open_services(
    settings: Settings, name: WorkerName, *, serves_metrics: bool = True
) -> Iterator[CallServices]:
    """Everything the calls share, warmed up; closed in the opposite order at the end.

    ``serves_metrics`` is false for one of several processes: their supervisor serves the sum.
    """
    metrics = Metrics(CollectorRegistry())
    with ExitStack() as stack:
        calllog = CallLog(settings.database_address, period=period_of(settings))
        stack.callback(calllog.close)
        _close_orphans(calllog, name)
        beside = settings.db_path.parent
        kept, *former = (beside / f"unwritten-{one}.jsonl" for one in (name.in_log, *name.former))
        unwritten = UnwrittenFile(kept, former)
        writer = CallWriter(calllog, unwritten)
        stack.callback(writer.close)
        if serves_metrics:
            serve_until_closed(metrics.registry, settings.metrics_bind, stack)
        cache = Cache(settings.redis_url, metrics)
        stack.callback(cache.close)
        take_ups = stack.enter_context(_take_ups(settings, name.in_log))
        answering = build_answering(settings, metrics, cache, _taken_up(take_ups))
        recogniser = with_stand_by(settings, metrics.count_error, metrics.count_fallback)
        voices = choose_synthesiser(settings, metrics.count_error, metrics.count_fallback)
        speech = Speech(voices, cache)
        stack.callback(speech.close)
        speech.warm_up()
        stack.enter_context(
            phrases_ready(speech, answering.releases, recorded=settings.record_calls)
        )
        recorder = _recorder(settings, calllog, stack)
        pool = ThreadPoolExecutor(settings.max_calls * JOBS_PER_CALL, thread_name_prefix="job")
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        ari = ari_client(settings)
        stack.callback(ari.close)
        legs = open_legs(_wait_for_media(ari), ari, name.app, settings.media_bind)
        gc.collect()
        leave_alone()
        yield CallServices(
            app=name.app,
            ari=ari,
            open_leg=stack.enter_context(legs),
            voice_model=VoiceModel(),
            recogniser=recogniser,
            agent=answering.agent,
            speech=speech,
            calllog=writer,
            prompts=PromptsInService(answering.releases),
            metrics=metrics,
            pool=pool,
            worker_name=name.in_log,
            timing=TurnTiming(),
            transfer=settings.transfer,
            recorder=recorder,
        )


def _taken_up(take_ups: TakeUps) -> Callable[[int], None]:
    def taken_up(release: int) -> None:
        leave_alone()
        take_ups(release)

    return taken_up


def _take_ups(settings: Settings, worker_name: str) -> TakeUps:
    try:
        return TakeUps(settings.persist_directory, worker_name)
    except OSError as error:
        raise SettingError(
            f"PERSIST_DIRECTORY: {settings.persist_directory}: {error.strerror}"
        ) from error


def _close_orphans(calllog: CallLog, name: WorkerName) -> None:
    """Calls that a killed worker left open; a database that is away keeps nobody from calling."""
    try:
        orphans = calllog.close_orphans(name.in_log, *name.former)
    except CallLogError as error:
        log.error("call log unreachable error=%s", error)
    else:
        if orphans:
            log.warning("calls of a killed worker closed as Failed count=%d", orphans)


def _recorder(settings: Settings, calllog: CallLog, stack: ExitStack) -> Recorder | None:
    """Who records the calls, if anybody; recordings that are there are looked after anyhow."""
    folder = RecordingFolder(settings.recordings_path)
    keeper = RecordingKeeper(folder, calllog, period_of_recordings(settings))
    keeper.start()
    stack.callback(keeper.stop)
    if not settings.record_calls:
        return None
    try:
        folder.make()
    except OSError as error:
        raise SettingError(f"RECORDINGS_PATH: {folder.path}: {error.strerror}") from error
    recorder = Recorder(folder, keeper.closed)
    recorder.start()
    stack.callback(recorder.stop)
    return recorder


def serve_until_closed(registry: CollectorRegistry, bind: str, stack: ExitStack) -> None:
    """Answer ``GET /metrics`` until ``stack`` is closed; :class:`SettingError` if it cannot."""
    try:
        server = serve(registry, bind)
    except OSError as error:
        raise SettingError(f"METRICS_BIND: {bind} cannot be used: {error.strerror}") from error
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
