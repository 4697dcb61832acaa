"""The REST interface of contract.md beside the call log, its description, and its page."""

from flask import Blueprint

from webadmin.api.asking import blueprint as asking
from webadmin.api.bases import blueprint as bases
from webadmin.api.prompts import blueprint as prompts
from webadmin.api.settings import blueprint as settings

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__, template_folder="templates")
for part in (asking, bases, prompts, settings):
    blueprint.register_blueprint(part)
