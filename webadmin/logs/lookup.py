"""What a request about calls asks for: the filter in its query, or a call by its number."""

from flask import request
from werkzeug.exceptions import NotFound

from bot.calllog.row import LoggedCall
from webadmin.logs.forms import LogsForm
from webadmin.personal import check_search, readable
from webadmin.services import services


def requested_form(default_limit: int) -> LogsForm:
    """The filter of this request.

    Raises :class:`webadmin.logs.forms.BadQueryError`, and 403 for a search for what is masked.
    """
    form = LogsForm.parse(request.args, default_limit)
    check_search(form.q, form.caller)
    return form


def call_or_404(call_id: int) -> LoggedCall:
    """The call as this reader may see it; raises :class:`werkzeug.exceptions.NotFound`."""
    call = services().call_log.call(call_id)
    if call is None:
        raise NotFound
    return readable([call])[0]
