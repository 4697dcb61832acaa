"""Channels and bridges of a worker that is gone: callers go back to the dialplan, the rest ends."""

import logging
from collections.abc import Iterable

from bot.ari import AriClient, AriError
from bot.callids import LEG_PREFIX, bridge_prefix

log = logging.getLogger(__name__)


def give_back(ari: AriClient, channel_ids: Iterable[str]) -> None:
    """Let callers go on in the dialplan after their ``Stasis()`` line, and end media legs."""
    for channel_id in channel_ids:
        try:
            if channel_id.startswith(LEG_PREFIX):
                ari.hang_up(channel_id)
            else:
                ari.continue_in_dialplan(channel_id)
        except AriError as error:
            log.warning("channel not given back error=%s", error)


def destroy_bridges(ari: AriClient, app: str, known: frozenset[str] = frozenset()) -> None:
    """Take away the bridges of an application's calls, but for those that are ``known``.

    Raises :class:`AriError` when Asterisk cannot be asked which there are.
    """
    for bridge_id in ari.bridge_ids() - known:
        if bridge_id.startswith(bridge_prefix(app)):
            try:
                ari.destroy_bridge(bridge_id)
            except AriError as error:
                log.warning("orphan bridge error=%s", error)


def evict(ari: AriClient, app: str) -> None:
    """Clear everything that a dead worker's application holds.

    Asterisk itself leaves the callers where they are: in silence, in an application that nobody
    listens to (protocols.md, 3.2). Raises :class:`AriError`.
    """
    try:
        channel_ids = ari.application_channel_ids(app)
    except AriError as error:
        if error.code != 404:  # there is no such application: nobody was left in it
            raise
        channel_ids = set()
    callers = sorted(channel_ids, key=lambda one: one.startswith(LEG_PREFIX))  # callers first
    give_back(ari, callers)
    destroy_bridges(ari, app)
    if callers:
        log.warning("orphan channels evicted app=%s count=%d", app, len(callers))
