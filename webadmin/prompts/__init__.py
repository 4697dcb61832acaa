"""The prompts: what the assistant says and is told, edited, listened to, each change a release."""

# Each of these adds its routes to the blueprint.
import webadmin.prompts.editing
import webadmin.prompts.hearing
import webadmin.prompts.history  # noqa: F401
from webadmin.prompts.blueprint import blueprint

__all__ = ["blueprint"]
