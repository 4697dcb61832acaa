"""``GET/POST /api/settings`` and ``POST /api/model-settings``: search and models."""

import json

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from bot.errors import ChangeError
from bot.livesettings import LiveSettings, live_settings
from bot.releases.content import Content
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
    check_unchanged(_shown(in_service()[1]))
    published = publisher().change_settings(changes, author(), "API")
    now = _live(services().releases.content(published.record)).model_dump()
    return jsonify(release=published.record.number, changed=published.is_new, **now)


def _refuse_booleans(changes: dict[str, object]) -> None:
    """``true`` is no number, though pydantic takes it for 1."""
    for name, value in changes.items():
        if isinstance(value, bool):
            raise ChangeError(f"настройки: {name}: должно быть числом или текстом")


def _live(content: Content) -> LiveSettings:
    return live_settings(services().settings, content.settings)


def _shown(content: Content) -> bytes:
    return json.dumps(_live(content).model_dump(), ensure_ascii=False).encode()
