"""Flask extensions that routes use; the application factory binds each to its app."""

from flask_htmx import HTMX

htmx = HTMX()
"""True in a request that htmx made."""
