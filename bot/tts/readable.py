"""Text for voices that read letters, digits and simple punctuation, and nothing else."""

import re

_DASH = re.compile(r"\s+[-–—]+\s+|[–—]")
_DROPPED = re.compile(r"[^0-9A-Za-zА-Яа-яЁё .,!?;:-]")
_STRAY_DASH = re.compile(r"(?<!\w)-|-(?!\w)")
_SPACE_BEFORE = re.compile(r"\s+(?=[.,!?;:])")
_PUNCTUATION = re.compile(r"([.,!?;:])[.,!?;:]*")


def readable(text: str) -> str:
    """``text`` in the characters that the voice knows, safe inside a Scheme string.

    A mark of punctuation standing alone makes the voice refuse the whole sentence, so marks
    are joined to the word before them; empty when there is no word.
    """
    kept = _DROPPED.sub(" ", _DASH.sub(", ", text.replace("…", ".")))
    kept = _SPACE_BEFORE.sub("", _STRAY_DASH.sub(" ", kept))
    kept = _PUNCTUATION.sub(r"\1 ", kept)
    return " ".join(kept.split()).lstrip(".,!?;: ")
