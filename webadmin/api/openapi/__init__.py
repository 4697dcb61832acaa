"""What the HTTP interface is, for programs and for the page that tries it: OpenAPI 3.1."""

from webadmin.api.openapi.document import OPERATIONS, openapi

__all__ = ["OPERATIONS", "openapi"]
