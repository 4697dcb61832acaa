"""``python -m bot.check``: every configured service, one line each, with what to do about it."""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: spinning threads cost 20 times

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import redis
from prometheus_client import CollectorRegistry

from bot.ari import AriError
from bot.asr.choose import choose_recogniser
from bot.audio import duration_s
from bot.calllog import CallLog
from bot.deadline import Deadline
from bot.embeddings.choose import choose_embedder
from bot.errors import AssistantError, KnowledgeError, SettingError
from bot.index import check_index
from bot.media import require_websocket_media
from bot.metrics import Metrics
from bot.prompts import read_prompts
from bot.runtime import ari_client
from bot.selfcall import CallReport, place_call
from bot.settings import Settings, load_settings
from bot.tts.choose import voices_of
from bot.tts.local import LocalVoice

SERVICE_TIMEOUT_S = 20.0
PHRASE = "Проверка связи: раз, два, три."


@dataclass(frozen=True)
class Finding:
    """What one check found: ``detail`` when all is well, else what is wrong and ``advice``."""

    name: str
    ok: bool
    detail: str
    advice: str = ""
    needed: bool = True
    """Calls cannot be served without it."""


@dataclass(frozen=True)
class Check:
    """One check: ``look`` returns what it saw or raises an :class:`AssistantError`."""

    name: str
    look: Callable[[Settings], str]
    advice: str
    needed: bool = True


def findings(settings: Settings, checks: Sequence[Check]) -> list[Finding]:
    """Run every check; one that fails keeps no other from running."""
    return [_find(check, settings) for check in checks]


def _find(check: Check, settings: Settings) -> Finding:
    try:
        return Finding(check.name, True, check.look(settings))
    except (AssistantError, OSError) as error:
        return Finding(check.name, False, str(error), check.advice, check.needed)


def _asterisk(settings: Settings) -> str:
    try:
        version = require_websocket_media(ari_client(settings))
    except AriError as error:
        if error.code == 401:
            raise SettingError("ARI_USER or ARI_PASSWORD is wrong (401)") from error
        raise
    return f"Asterisk {version} at {settings.ari_url}, chan_websocket is loaded"


def _worker(settings: Settings) -> str:
    ari_client(settings).application_channel_ids(settings.ari_app)
    return f"a worker serves the application {settings.ari_app}"


def _redis(settings: Settings) -> str:
    try:
        client = redis.Redis.from_url(settings.redis_url, socket_timeout=1)
        version = client.info("server")["redis_version"]
    except (redis.RedisError, ValueError) as error:
        raise SettingError(f"REDIS_URL: {error}") from error
    return f"Redis {version}"


def _database(settings: Settings) -> str:
    calllog = CallLog(settings.database_address)
    try:
        calllog.check()
    finally:
        calllog.close()
    return settings.database_address.partition("://")[0]


def _prompts(settings: Settings) -> str:
    prompts = read_prompts(settings.prompts_file_path)
    return f"{settings.prompts_file_path}, greeting of {len(prompts.greeting)} characters"


def _index(settings: Settings) -> str:
    embedder = choose_embedder(settings)
    state = check_index(settings, embedder.model_key)
    if state.status != "fresh":
        raise KnowledgeError(f"{state.status}: {state.why}")
    return f"{state.why}, {embedder.model_key}"


def _embeddings(settings: Settings) -> str:
    began = time.monotonic()
    vector = choose_embedder(settings).embed_query("проверка")
    return f"{len(vector)} dimensions in {_ms_since(began)} ms"


def _recogniser(settings: Settings) -> str:
    recogniser = choose_recogniser(settings)
    voice = LocalVoice()
    deadline = Deadline(SERVICE_TIMEOUT_S)
    try:
        pcm = b"".join(voice.synthesise(PHRASE, deadline))
    finally:
        voice.close()
    began = time.monotonic()
    heard = recogniser.transcribe(pcm, "", deadline)
    return f"{recogniser.name} heard «{heard.text}» in {_ms_since(began)} ms"


def _language_model(settings: Settings) -> str:
    if settings.llm == "extractive":
        return "no model: answers are quoted from the bases"
    from bot.llm.models import check_models

    return check_models(settings)


def _synthesis(settings: Settings) -> str:
    told, failed = [], []
    for voice in voices_of(settings):
        began = time.monotonic()
        try:
            pcm = b"".join(voice.synthesise(PHRASE, Deadline(SERVICE_TIMEOUT_S)))
            told.append(f"{voice.name} {duration_s(pcm):.1f} s of speech in {_ms_since(began)} ms")
        except AssistantError as error:
            failed.append(str(error))
        finally:
            voice.close()
    if failed:
        raise SettingError("; ".join(failed + [f"{line}: works" for line in told]))
    return "; ".join(told)


def _metrics(settings: Settings) -> str:
    """The port is free, or a worker of ours has it already."""
    try:
        _worker(settings)
    except AssistantError:
        server = Metrics(CollectorRegistry()).serve(settings.metrics_bind)
        server.shutdown()
        server.server_close()
    return settings.metrics_bind


CHECKS = (
    Check("Asterisk", _asterisk, "is it running, is http.conf enabled, is ARI_URL right?"),
    Check("worker", _worker, "start it: python -m bot, or make run"),
    Check("metrics port", _metrics, "another program has it: set another METRICS_BIND"),
    Check("Redis", _redis, "calls go on without it, with a cache in the process", False),
    Check("call log", _database, "check DATABASE_URL or DB_PATH and the folder's permissions"),
    Check("prompts", _prompts, "correct the file that PROMPTS_FILE_PATH names"),
    Check("embeddings", _embeddings, "check EMBEDDINGS_PROVIDER and its key"),
    Check("index", _index, "publish the files as they are: python -m bot.index"),
    Check("recognition", _recogniser, "check ASR_PROVIDER, ASR_MODEL and OPENAI_API_KEY"),
    Check("language model", _language_model, "check LLM_MODEL_PRIMARY, LLM_MODEL_FALLBACK"),
    Check("synthesis", _synthesis, "check YANDEX_API_KEY and the voice's name"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0 when everything works."""
    parser = argparse.ArgumentParser(prog="python -m bot.check", description=__doc__)
    parser.add_argument("--call", action="store_true", help="also place a real SIP call")
    parser.add_argument("--sip", default="", help="SIP server as host:port (ARI's host, 5060)")
    parser.add_argument("--extension", default="100", help="what to dial")
    options = parser.parse_args(argv)
    try:
        settings = load_settings()
    except SettingError as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    all_well = _report(findings(settings, CHECKS))
    if options.call:
        all_well &= _report([_call(settings, options.sip, options.extension)])
    return 0 if all_well else 1


def _call(settings: Settings, sip: str, extension: str) -> Finding:
    try:
        report = place_call(settings, sip, extension)
    except (AssistantError, OSError) as error:
        return Finding("call", False, str(error), "see the worker's and Asterisk's logs")
    return _judged(report)


def _judged(report: CallReport) -> Finding:
    heard = f"greeting heard {report.greeting_ms:.0f} ms after the answer"
    if report.answer_ms is None:
        return Finding(
            "call", False, f"{heard}; our speech got no answer", "does RTP reach Asterisk?"
        )
    return Finding("call", True, f"{heard}; answer {report.answer_ms:.0f} ms after our question")


def _report(found: Sequence[Finding]) -> bool:
    for finding in found:
        verdict = "ok" if finding.ok else "FAIL" if finding.needed else "warn"
        print(f"{verdict:<5} {finding.name:<15} {finding.detail}")
        if not finding.ok and finding.advice:
            print(f"      {'':<15} → {finding.advice}")
    return all(finding.ok or not finding.needed for finding in found)


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


if __name__ == "__main__":
    sys.exit(main())
