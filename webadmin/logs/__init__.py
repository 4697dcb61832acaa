"""The calls: as JSON for programs, as pages for operators."""

from webadmin.logs.routes import blueprint

__all__ = ["blueprint"]
