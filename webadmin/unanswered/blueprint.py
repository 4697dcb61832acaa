"""What the routes of the unanswered questions are registered with."""

from typing import cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from webadmin.questions import keeping

blueprint = Blueprint("unanswered", __name__, template_folder="templates")


@blueprint.record
def _set_up(state: BlueprintSetupState) -> None:
    keeping.init_app(cast(Flask, state.app))
