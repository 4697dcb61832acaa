"""Every configured service looked at by itself, for ``python -m bot.check`` and the admin."""
