"""``/logs-ui/api``: the interface described, and tried without leaving the page."""

from itertools import groupby
from operator import attrgetter

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from webadmin.answering import warm_up
from webadmin.api.openapi import OPERATIONS
from webadmin.api.shown import shown, shown_schemas

blueprint = Blueprint("api", __name__, template_folder="templates")


@blueprint.get("/logs-ui/api")
def page() -> ResponseReturnValue:
    """Every operation with its fields, a form that runs it, and the same as a curl line."""
    warm_up()
    schemas = current_app.extensions["openapi"]["components"]["schemas"]
    groups = [
        (tag, [shown(operation, schemas) for operation in operations])
        for tag, operations in groupby(OPERATIONS, attrgetter("tag"))
    ]
    return render_template("api/page.html", groups=groups, schemas=shown_schemas(schemas))
