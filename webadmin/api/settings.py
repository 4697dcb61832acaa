"""``GET/POST /api/settings`` and ``POST /api/model-settings``: search and models."""

import json
from contextlib import suppress

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from bot.errors import ChangeError, OvertakenError
from bot.livesettings import LiveSettings, live_settings
from bot.releases.content import Content
from bot.releases.publisher import Published
from webadmin.api.inservice import check_unchanged, in_service, of_release, publisher
from webadmin.api.jsonbody import json_object
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.csrf import json_required
from webadmin.services import services

blueprint = Blueprint("settings", __name__)


@blueprint.get("/api/settings")
def settings() -> ResponseReturnValue:
    """The settings in service: the environment's with what operators changed."""
    record, content = in_service()
    shown = _shown(content)
    return of_release(Response(shown, mimetype="application/json"), record.number, shown)


@blueprint.post("/api/settings")
@blueprint.post("/api/model-settings")
@key_required
@json_required
def change_settings() -> ResponseReturnValue:
    """Publish the given settings; the others stay, ``null`` is the environment's value again.

    Numbers may come as text: forms of older clients send them so.
    """
    changes = json_object()
    _refuse_booleans(changes)
    published = _published(changes)
    now = _live(services().releases.content(published.record)).model_dump()
    return jsonify(release=published.record.number, changed=published.is_new, **now)


def _published(changes: dict[str, object]) -> Published:
    """Publish them; with ``If-Match`` only in place of what the client has read."""
    while True:
        _, content = in_service()
        check_unchanged(_shown(content))
        with suppress(OvertakenError):  # by whoever published in between: once more onto theirs
            return publisher().change_settings(
                changes, author(), "API", instead_of=content.settings
            )


def _refuse_booleans(changes: dict[str, object]) -> None:
    """``true`` is no number, though pydantic takes it for 1."""
    for name, value in changes.items():
        if isinstance(value, bool):
            raise ChangeError(f"настройки: {name}: должно быть числом или текстом")


def _live(content: Content) -> LiveSettings:
    return live_settings(services().settings, content.settings)


def _shown(content: Content) -> bytes:
    return json.dumps(_live(content).model_dump(), ensure_ascii=False).encode()
