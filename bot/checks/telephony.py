"""Checks of the telephone side: Asterisk, the worker, and the worker's port for metrics."""

from prometheus_client import CollectorRegistry

from bot.ari import AriError
from bot.checks.check import Check
from bot.errors import AssistantError, SettingError
from bot.media import require_websocket_media
from bot.metrics import Metrics
from bot.runtime import ari_client
from bot.settings import Settings


def _asterisk(settings: Settings) -> str:
    ari = ari_client(settings)
    try:
        version = require_websocket_media(ari)
    except AriError as error:
        if error.code == 401:
            raise SettingError("ARI_USER или ARI_PASSWORD не подошли (401)") from error
        raise
    finally:
        ari.close()
    return f"Asterisk {version}, {settings.ari_url}, модуль chan_websocket загружен"


def _worker(settings: Settings) -> str:
    ari = ari_client(settings)
    try:
        ari.application_channel_ids(settings.ari_app)
    finally:
        ari.close()
    return f"агент обслуживает приложение {settings.ari_app}"


def _metrics(settings: Settings) -> str:
    """The port is free, or a worker of ours has it already."""
    try:
        _worker(settings)
    except AssistantError:
        server = Metrics(CollectorRegistry()).serve(settings.metrics_bind)
        server.shutdown()
        server.server_close()
    return settings.metrics_bind


ASTERISK = Check(
    "asterisk", "Asterisk ARI", _asterisk,
    "работает ли Asterisk, включён ли http.conf, верны ли ARI_URL, ARI_USER и ARI_PASSWORD?",
)  # fmt: skip
WORKER = Check("worker", "Агент", _worker, "запустите его: python -m bot или make run")
METRICS = Check(
    "metrics", "Порт метрик", _metrics, "он занят другой программой: задайте другой METRICS_BIND"
)
