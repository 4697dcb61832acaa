"""Questions that the bases do not answer: grouped, worst first, with the way to the answer."""

import webadmin.unanswered.actions
import webadmin.unanswered.pages  # noqa: F401
from webadmin.unanswered.blueprint import blueprint

__all__ = ["blueprint"]
