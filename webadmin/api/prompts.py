"""``GET/POST /api/prompts``: what the assistant says and is told, changed without a restart."""

import json
from contextlib import suppress
from typing import cast

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from bot.errors import OvertakenError
from webadmin.api.inservice import check_unchanged, in_service, of_release, publisher
from webadmin.api.jsonbody import json_object
from webadmin.api.mergepatch import merged_json
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.csrf import json_required

blueprint = Blueprint("prompts", __name__)


@blueprint.get("/api/prompts")
def prompts() -> ResponseReturnValue:
    """The prompts in service, as they were published."""
    record, content = in_service()
    shown = content.prompts.encode()
    return of_release(Response(shown, mimetype="application/json"), record.number, shown)


@blueprint.post("/api/prompts")
@key_required
@json_required
def change_prompts() -> ResponseReturnValue:
    """Publish other prompts: all of them, or those to change (RFC 7396)."""
    changes = json_object()
    while True:
        _, content = in_service()
        check_unchanged(content.prompts.encode())
        whole = cast(dict[str, object], merged_json(json.loads(content.prompts), changes))
        with suppress(OvertakenError):  # by whoever published in between: once more onto theirs
            published = publisher().change_prompts(
                whole, author(), "API", instead_of=content.prompts
            )
            return jsonify(release=published.record.number, changed=published.is_new, prompts=whole)
