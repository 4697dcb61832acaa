"""The blueprint of the prompts' pages, and what they share."""

import json
from typing import Any

from flask import Blueprint, current_app
from flask.blueprints import BlueprintSetupState

from webadmin.limiting import RequestLimit
from webadmin.prompts.fields import title_of
from webadmin.prompts.spoken import SpokenPreviews, opener
from webadmin.services import services

MOST_LISTENED = 30
WINDOW_S = 60.0
_PREVIEWS = "prompts_spoken"
_LIMIT = "prompts_spoken_limit"

blueprint = Blueprint("prompts", __name__, template_folder="templates")


@blueprint.record
def _set_up(state: BlueprintSetupState) -> None:
    extensions = state.app.extensions
    extensions[_PREVIEWS] = SpokenPreviews(opener(extensions["services"].settings))
    extensions[_LIMIT] = RequestLimit(MOST_LISTENED, WINDOW_S, "Слишком много прослушиваний")


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"title_of": title_of}


def previews() -> SpokenPreviews:
    """What was spoken for operators of this application."""
    found: SpokenPreviews = current_app.extensions[_PREVIEWS]
    return found


def count_listening(address: str) -> None:
    """Count one more phrase, which can cost money; raises as :meth:`RequestLimit.count`."""
    limit: RequestLimit = current_app.extensions[_LIMIT]
    limit.count(address)


def prompts_text(number: int) -> str:
    """The prompts of a release as they were published; raises what the store does."""
    store = services().releases
    return store.content(store.record(number)).prompts


def prompts_of_release(number: int) -> dict[str, Any]:
    """The same, read."""
    found: dict[str, Any] = json.loads(prompts_text(number))
    return found
