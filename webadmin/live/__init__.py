"""«Сейчас»: the calls in progress with their dialogues growing, and what operators do to them."""

from webadmin.live.routes import blueprint

__all__ = ["blueprint"]
