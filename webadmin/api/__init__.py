"""The REST interface of contract.md beside the call log, its description, and its page."""

from webadmin.api.asking import blueprint as asking
from webadmin.api.bases import blueprint as bases
from webadmin.api.describing import blueprint as describing
from webadmin.api.page import blueprint
from webadmin.api.prompts import blueprint as prompts
from webadmin.api.settings import blueprint as settings

__all__ = ["blueprint"]

for part in (asking, bases, prompts, settings, describing):
    blueprint.register_blueprint(part)
