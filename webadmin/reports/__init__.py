"""Reports on the calls of some days, as a page with charts and as a file for spreadsheets."""

import webadmin.reports.asked
import webadmin.reports.download
import webadmin.reports.pages  # noqa: F401
from webadmin.reports.blueprint import blueprint

__all__ = ["blueprint"]
