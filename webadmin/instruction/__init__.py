"""The operators' instruction: ``webadmin/instruction.md`` as a page with its pictures."""

from webadmin.instruction.routes import blueprint

__all__ = ["blueprint"]
