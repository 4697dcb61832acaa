"""A call by its number, for whoever asks for one that may be gone."""

from werkzeug.exceptions import NotFound

from bot.calllog.row import LoggedCall
from webadmin.services import services


def call_or_404(call_id: int) -> LoggedCall:
    """The call; raises :class:`werkzeug.exceptions.NotFound`."""
    call = services().call_log.call(call_id)
    if call is None:
        raise NotFound
    return call
