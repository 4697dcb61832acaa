"""The knowledge bases: shown, edited, uploaded, compared, asked, each change one release."""

# Each of these adds its routes to the blueprint.
import webadmin.knowledge.asking
import webadmin.knowledge.drafts
import webadmin.knowledge.editing
import webadmin.knowledge.history
import webadmin.knowledge.showing
import webadmin.knowledge.uploading  # noqa: F401
from webadmin.knowledge.blueprint import blueprint

__all__ = ["blueprint"]
