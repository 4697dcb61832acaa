"""Background jobs: as JSON for programs, as a progress bar for operators."""

from webadmin.jobs.answers import accepted
from webadmin.jobs.routes import blueprint

__all__ = ["accepted", "blueprint"]
