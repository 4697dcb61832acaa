"""How good the answers are, measured on the golden questions (``python -m bot.evaluate``)."""
