"""The key dialog, as JavaScript sees it."""

KEY = "ключ-k"
ASKED = "document.getElementById('ask').open"
NOT_ASKED = f"!{ASKED}"
