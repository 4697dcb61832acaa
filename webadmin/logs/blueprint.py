"""What the routes of the calls are registered with."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from webadmin.logs.dialogue import STAGE_MEANINGS
from webadmin.logs.display import FILTERS
from webadmin.logs.trouble import replacement
from webadmin.logs.waterfall import seconds

blueprint = Blueprint("logs", __name__, template_folder="templates")


@blueprint.record
def _add_filters(state: BlueprintSetupState) -> None:
    filters = FILTERS | {
        "replacement": replacement,
        "seconds": seconds,
        "stage_meaning": STAGE_MEANINGS.__getitem__,
    }
    state.app.jinja_env.filters.update(filters)
