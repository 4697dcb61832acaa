"""The knowledge bases: shown, edited, uploaded, compared, asked, each change one release."""

from webadmin.knowledge import asking, changing, drafts, editing, history, showing, uploading
from webadmin.knowledge.blueprint import blueprint

__all__ = [
    "asking",
    "blueprint",
    "changing",
    "drafts",
    "editing",
    "history",
    "showing",
    "uploading",
]
