"""Whether the admin lives and can do its work, and the numbers of its process."""

from webadmin.health.routes import blueprint

__all__ = ["blueprint"]
