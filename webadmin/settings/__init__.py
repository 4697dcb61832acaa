"""The settings: changed, tried on last week's questions, and every service put to the test."""

# Each of these adds its routes to the blueprint.
import webadmin.settings.checking
import webadmin.settings.environment
import webadmin.settings.history
import webadmin.settings.page
import webadmin.settings.trying  # noqa: F401
from webadmin.settings.blueprint import blueprint

__all__ = ["blueprint"]
