"""Makes the audio legs of a worker's calls, of the kind that was chosen for its Asterisk."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bot.ari import AriClient
from bot.errors import SettingError
from bot.media import AudioLeg, LegFactory, OnEvent, OnFrame
from bot.media.address import our_address
from bot.media.audiosocket import audiosocket_carriers
from bot.media.audiosocket_server import AudioSocketServer
from bot.media.choice import MediaChoice
from bot.media.paced_leg import Connect, PacedLeg
from bot.media.pacer import Pacer
from bot.media.rtp import rtp_carriers
from bot.media.websocket_leg import WebSocketLeg

log = logging.getLogger(__name__)


@contextmanager
def open_legs(
    choice: MediaChoice, ari: AriClient, app: str, media_bind: str | None
) -> Iterator[LegFactory]:
    """What makes legs of this kind; what they share is closed at the end.

    Raises :class:`bot.errors.SettingError` when our address cannot be used.
    """
    log.info(
        "media leg chosen leg=%s asterisk=%s because=%s", choice.kind, choice.version, choice.why
    )
    with ExitStack() as stack:
        if choice.kind == "websocket":
            yield _websocket_legs(ari, app)
            return
        connect = _connect(choice, ari, app, media_bind, stack)
        pacer = Pacer()
        stack.callback(pacer.close)

        def open_leg(channel_id: str, on_frame: OnFrame, on_event: OnEvent) -> AudioLeg:
            return PacedLeg(channel_id, connect, pacer, on_frame, on_event)

        yield open_leg


def _websocket_legs(ari: AriClient, app: str) -> LegFactory:
    def open_leg(channel_id: str, on_frame: OnFrame, on_event: OnEvent) -> AudioLeg:
        return WebSocketLeg(ari, app, channel_id, on_frame, on_event)

    return open_leg


def _connect(
    choice: MediaChoice, ari: AriClient, app: str, media_bind: str | None, stack: ExitStack
) -> Connect:
    address = our_address(media_bind, ari.address.url)
    if choice.kind == "rtp":
        return rtp_carriers(ari, app, address)
    try:
        server = stack.enter_context(AudioSocketServer(address))
    except OSError as error:
        raise SettingError(
            f"MEDIA_BIND: {address.reached_at(address.port)} cannot be used: {error.strerror}"
        ) from error
    return audiosocket_carriers(ari, app, server)
