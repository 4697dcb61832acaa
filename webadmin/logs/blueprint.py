"""What the routes of the calls are registered with."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from webadmin.logs.display import FILTERS

blueprint = Blueprint("logs", __name__, template_folder="templates")


@blueprint.record
def _add_filters(state: BlueprintSetupState) -> None:
    state.app.jinja_env.filters.update(FILTERS)
