"""How words are compared: without case, ё as е."""


def fold(text: str) -> str:
    """``text`` in lower case with ё written as е."""
    return text.lower().replace("ё", "е")
