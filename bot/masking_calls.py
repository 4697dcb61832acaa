"""Whole calls without personal data, as they are shown to whoever may not see it."""

import json
from dataclasses import replace
from itertools import takewhile
from typing import Any, Final, TypeVar

from bot.calllog.export import ExportedCall
from bot.calllog.row import ListedCall, LoggedCall
from bot.masking import HIDDEN, mask_number, mask_text

_TRACED: Final = ("rewritten", "same_as")
"""What of a trace callers have said: this one, or another whose answer was given again."""

AnyCall = TypeVar("AnyCall", bound=ListedCall)


def mask_listed(call: AnyCall) -> AnyCall:
    """A call of a list; of one with its dialogue the dialogue too."""
    masked = replace(
        call,
        caller_id=mask_number(call.caller_id),
        first_question=mask_text(call.first_question),
    )
    if isinstance(masked, LoggedCall):
        return replace(masked, transcript_json=mask_transcript(masked.transcript_json))
    return masked


def mask_exported(call: ExportedCall) -> ExportedCall:
    """A call of a download."""
    return call._replace(
        caller_id=mask_number(call.caller_id),
        first_question=mask_text(call.first_question),
        transcript_json=mask_transcript(call.transcript_json).encode(),
    )


def mask_transcript(transcript_json: str | bytes) -> str:
    """A stored dialogue; one that is damaged is shown to nobody."""
    try:
        lines = json.loads(transcript_json)
    except ValueError:
        return ""
    if not isinstance(lines, list):
        return ""
    masked = [_mask_line(line) for line in lines if isinstance(line, dict)]
    return json.dumps(masked, ensure_ascii=False)


def _mask_line(line: dict[str, Any]) -> dict[str, Any]:
    said = str(line.get("text") or "")
    text = mask_text(said)
    masked = line | {"text": text}
    if line.get("raw"):
        # What the normaliser made readable was recognised in some other way.
        raw = mask_text(str(line["raw"]))
        masked["raw"] = HIDDEN if text != said and raw == line["raw"] else raw
    if line.get("heard"):
        # What was heard stays the beginning of what was said.
        masked["heard"] = _common_beginning(mask_text(str(line["heard"])), text)
    trace = line.get("trace")
    if isinstance(trace, dict):
        told = {name: mask_text(str(trace[name])) for name in _TRACED if trace.get(name)}
        masked["trace"] = trace | told
    return masked


def _common_beginning(one: str, other: str) -> str:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(letter for letter, _ in pairs).rstrip()
