"""``/logs-ui/instruction``."""

from flask import Blueprint, current_app, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from webadmin.instruction.rendering import FILE, render

_EXTENSION = "instruction"

blueprint = Blueprint("instruction", __name__, template_folder="templates")


@blueprint.record
def _render(state: BlueprintSetupState) -> None:
    state.app.extensions[_EXTENSION] = render(FILE.read_text(encoding="utf-8"))


@blueprint.get("/logs-ui/instruction")
def page() -> ResponseReturnValue:
    """The instruction with its contents beside it."""
    return render_template("instruction/page.html", instruction=current_app.extensions[_EXTENSION])
