"""The operators' admin: a Flask application over the same settings, index and call log."""

from webadmin.app import create_app

__all__ = ["create_app"]
