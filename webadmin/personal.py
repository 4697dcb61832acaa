"""Who sees callers' numbers and what they say of themselves, when ``MASK_PERSONAL_DATA`` is on.

Programs that send the key with a request do; operators do for an hour after they have given it on
a page, in that browser. Everybody else reads masked calls (:mod:`bot.masking`), and cannot search
for what they do not see: piece by piece it could be guessed.
"""

import hmac
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, TypeVar

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    request,
    session,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from bot.calllog.export import ExportedCall
from bot.calllog.row import ListedCall
from bot.masking import mask_number, mask_text
from bot.masking_calls import mask_exported, mask_listed
from bot.records import now
from webadmin.apikey import HEADER, check_key, key_required
from webadmin.author import author
from webadmin.services import services

log = logging.getLogger(__name__)

SHOWN_FOR: Final = timedelta(hours=1)
_FIELD: Final = "personal"
_LONG_NUMBER: Final = re.compile(r"\d{5,}|\d\*")
_NO_SEARCH: Final = (
    "Номера скрыты, искать по ним нельзя. Нажмите «Показать личные данные» на странице звонков; "
    f"программам: пошлите ключ в заголовке {HEADER}."
)

AnyCall = TypeVar("AnyCall", bound=ListedCall)

blueprint = Blueprint("personal", __name__)


@blueprint.record
def _add_to_templates(state: BlueprintSetupState) -> None:
    filters = {"said": said, "caller": caller, "said_to_all": said_to_all}
    state.app.jinja_env.filters.update(filters | {"caller_to_all": caller_to_all})
    state.app.jinja_env.globals.update(personal_data=personal_data)


@blueprint.post("/logs-ui/personal/show")
@key_required
def show() -> ResponseReturnValue:
    """Let this browser see personal data for an hour."""
    until = now() + SHOWN_FOR
    session[_FIELD] = [until.isoformat(), _fingerprint(until.isoformat())]
    log.info("event=personal_data_shown address=%s author=%r", request.remote_addr, author())
    return _again()


@blueprint.post("/logs-ui/personal/hide")
def hide() -> ResponseReturnValue:
    """Let this browser see it no more."""
    session.pop(_FIELD, None)
    return _again()


def personal_data() -> str | datetime:
    """What a page has to say of it: ``""`` nothing, ``"hidden"``, or until when it is shown."""
    if not services().settings.mask_personal_data:
        return ""
    return _shown_until() or "hidden"


def sees_personal_data() -> bool:
    """Whether the reader of this request sees it; one with a wrong key gets a 401 for it."""
    if "sees_personal_data" not in g:
        g.sees_personal_data = _sees()
    found: bool = g.sees_personal_data
    return found


def said(text: str) -> str:
    """Words of a caller, for the reader of this request."""
    return text if sees_personal_data() else mask_text(text)


def caller(number: str) -> str:
    """A caller's number, for the reader of this request."""
    return number if sees_personal_data() else mask_number(number)


def said_to_all(text: str) -> str:
    """Words of a caller, where the same is sent to all readers."""
    return mask_text(text) if services().settings.mask_personal_data else text


def caller_to_all(number: str) -> str:
    """A caller's number, where the same is sent to all readers."""
    return mask_number(number) if services().settings.mask_personal_data else number


def readable(calls: Iterable[AnyCall]) -> list[AnyCall]:
    """Calls as the reader of this request may see them."""
    return list(calls) if sees_personal_data() else [mask_listed(call) for call in calls]


def downloadable(calls: Iterator[ExportedCall]) -> Iterator[ExportedCall]:
    """The same for a download, which goes on after the request's context is gone."""
    return calls if sees_personal_data() else map(mask_exported, calls)


def check_search(q: str, caller_part: str) -> None:
    """Refuse to search for numbers whoever does not see them."""
    if (caller_part or _LONG_NUMBER.search(q)) and not sees_personal_data():
        raise Forbidden(_NO_SEARCH)


def _sees() -> bool:
    if not services().settings.mask_personal_data:
        return True
    if HEADER in request.headers:
        check_key()
        return True
    return _shown_until() is not None


def _shown_until() -> datetime | None:
    kept = session.get(_FIELD)
    if not isinstance(kept, list) or len(kept) != 2:
        return None
    if not hmac.compare_digest(kept[1], _fingerprint(kept[0])):
        return None
    until = datetime.fromisoformat(kept[0])
    return until if until > now() else None


def _fingerprint(until: str) -> str:
    """Changes with the key, so that a new key hides everything again."""
    secret = services().settings.api_secret_key
    signing = current_app.secret_key
    if secret is None or not isinstance(signing, bytes):
        return ""
    told = f"{until}\n{secret.get_secret_value()}"
    return hmac.new(signing, told.encode(), sha256).hexdigest()


def _again() -> Response:
    """Let the page come again, as it is to be seen now."""
    answer = make_response("", 204)
    answer.headers["HX-Refresh"] = "true"
    return answer
