"""The blueprint of all pages of the bases, and what they share."""

from flask import Blueprint, current_app
from flask.blueprints import BlueprintSetupState

from bot.retrieval import BASES, Base
from webadmin.knowledge.draftstore import DraftStore
from webadmin.services import services

_DRAFTS = "knowledge_drafts"
KB = "<any(general, tech):kb>"
"""A base in an address."""
BASE_TITLES: dict[Base, str] = {"general": "Общая база", "tech": "Техническая база"}
MARKDOWN_PATHS: dict[Base, str] = {"general": "/kb", "tech": "/kb2"}

blueprint = Blueprint("knowledge", __name__, template_folder="templates")


@blueprint.record
def _set_up(state: BlueprintSetupState) -> None:
    folder = state.app.extensions["services"].state / "drafts"
    state.app.extensions[_DRAFTS] = DraftStore(folder)


@blueprint.context_processor
def _names() -> dict[str, object]:
    return {"base_titles": BASE_TITLES, "bases": BASES, "markdown_paths": MARKDOWN_PATHS}


def drafts() -> DraftStore:
    """The drafts of this application."""
    found: DraftStore = current_app.extensions[_DRAFTS]
    return found


def digest_of(kb: Base, release: int) -> str:
    """Changes whenever the text of a base does; raises what :meth:`ReleaseStore.record` does."""
    return services().releases.record(release).files[f"{kb}.md"]
