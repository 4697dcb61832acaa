"""``GET /api/openapi.json``: the description of the interface for programs."""

from flask import Blueprint, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from webadmin.api.openapi import openapi

_EXTENSION = "openapi"

blueprint = Blueprint("describing", __name__)


@blueprint.record
def _describe(state: BlueprintSetupState) -> None:
    state.app.extensions[_EXTENSION] = openapi()


@blueprint.get("/api/openapi.json")
def document() -> ResponseReturnValue:
    """The OpenAPI document."""
    return jsonify(current_app.extensions[_EXTENSION])
