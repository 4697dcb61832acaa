"""``/logs-ui/api``: the interface described, and tried without leaving the page."""

from itertools import groupby
from operator import attrgetter

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from webadmin.answering import warm_up
from webadmin.api.openapi import OPERATIONS
from webadmin.api.openapi.operation import Json
from webadmin.api.shown import is_socket, shown, shown_schema

blueprint = Blueprint("api", __name__, template_folder="templates")


@blueprint.get("/logs-ui/api")
def page() -> ResponseReturnValue:
    """The names of all operations and bodies; what is opened is asked for then."""
    groups = [(tag, list(group)) for tag, group in groupby(OPERATIONS, attrgetter("tag"))]
    schemas = [(name, schema["description"]) for name, schema in _schemas().items()]
    return render_template("api/page.html", groups=groups, schemas=schemas, is_socket=is_socket)


@blueprint.get("/logs-ui/api/operations/<name>")
def operation(name: str) -> ResponseReturnValue:
    """One operation with its fields, a form that runs it, and the same as a curl line."""
    warm_up()
    for one in OPERATIONS:
        if one.id == name:
            return render_template("api/operation.html", one=shown(one, _schemas()))
    raise NotFound


@blueprint.get("/logs-ui/api/schemas/<name>")
def schema(name: str) -> ResponseReturnValue:
    """The fields of one body."""
    found = _schemas().get(name)
    if found is None:
        raise NotFound
    return render_template("api/schema.html", schema=shown_schema(name, found))


def _schemas() -> dict[str, Json]:
    schemas: dict[str, Json] = current_app.extensions["openapi"]["components"]["schemas"]
    return schemas
