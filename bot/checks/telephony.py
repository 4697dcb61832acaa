"""Checks of the telephone side: Asterisk, the worker, and the worker's port for metrics."""

from prometheus_client import CollectorRegistry

from bot.ari import AriError
from bot.checks.check import Check
from bot.errors import AssistantError, SettingError
from bot.media.choice import LegKind, choose_media
from bot.metrics import serve
from bot.runtime import ari_client
from bot.settings import Settings

_WAYS: dict[LegKind, str] = {
    "websocket": "WebSocket (chan_websocket)",
    "audiosocket": "AudioSocket (chan_audiosocket)",
    "rtp": "RTP (chan_rtp)",
}


def _asterisk(settings: Settings) -> str:
    ari = ari_client(settings)
    try:
        choice = choose_media(ari)
    except AriError as error:
        if error.code == 401:
            raise SettingError("ARI_USER или ARI_PASSWORD не подошли (401)") from error
        raise
    finally:
        ari.close()
    return f"Asterisk {choice.version}, {settings.ari_url}, звук: {_WAYS[choice.kind]}"


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
        server = serve(CollectorRegistry(), settings.metrics_bind)
        server.shutdown()
        server.server_close()
    return settings.metrics_bind


ASTERISK = Check(
    "asterisk", "Asterisk ARI", _asterisk,
    "работает ли Asterisk, включён ли http.conf, верны ли ARI_URL, ARI_USER и ARI_PASSWORD? Для "
    "звука нужен один из модулей: chan_websocket.so (22.8, 20.18, 23.2 и новее), "
    "chan_audiosocket.so с res_audiosocket.so (с 18) или chan_rtp.so (с 16.6); загрузите: "
    "asterisk -rx 'module load chan_audiosocket.so'",
)  # fmt: skip
WORKER = Check("worker", "Агент", _worker, "запустите его: python -m bot или make run")
METRICS = Check(
    "metrics", "Порт метрик", _metrics, "он занят другой программой: задайте другой METRICS_BIND"
)
