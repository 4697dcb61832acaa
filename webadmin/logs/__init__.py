"""The calls: as JSON and CSV for programs, as pages for operators."""

import webadmin.logs.deleting
import webadmin.logs.pages
import webadmin.logs.programs  # noqa: F401
from webadmin.logs.blueprint import blueprint

__all__ = ["blueprint"]
