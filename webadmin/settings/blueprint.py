"""The blueprint of the settings' pages, and the stores that they share."""

from flask import Blueprint, current_app
from flask.blueprints import BlueprintSetupState

from webadmin.settings.findings import Findings
from webadmin.settings.scorebook import ScoreBook
from webadmin.settings.shown import FILTERS

_FINDINGS = "settings_findings"
_SCORES = "settings_scores"

blueprint = Blueprint("settings", __name__, template_folder="templates")


@blueprint.record
def _set_up(state: BlueprintSetupState) -> None:
    folder = state.app.extensions["services"].state
    state.app.extensions[_FINDINGS] = Findings(folder / "checks")
    state.app.extensions[_SCORES] = ScoreBook(folder / "scores")
    state.app.jinja_env.filters.update(FILTERS)


def findings() -> Findings:
    """What the checks of this application have found."""
    found: Findings = current_app.extensions[_FINDINGS]
    return found


def score_book() -> ScoreBook:
    """The scores of questions that this application has asked the bases again."""
    found: ScoreBook = current_app.extensions[_SCORES]
    return found
