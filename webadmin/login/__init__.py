"""The operators' password, asked for on a page."""

from webadmin.login.routes import blueprint

__all__ = ["blueprint"]
