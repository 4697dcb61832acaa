"""``/ws``: a typed dialogue with the assistant over a WebSocket."""

from webadmin.ws.routes import blueprint

__all__ = ["blueprint"]
