"""Calls as CSV that Excel opens with a double click: BOM, semicolons, times of the operators' zone.

A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV
injection). Numbers, and so callers' numbers with their plus, are no formulas and stay as they are.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from bot.calllog.export import ExportedCall
from bot.records import now

_BOM: Final = "\ufeff"
_HEADER: Final = "id;callerId;startTime;endTime;durationS;status;sources;firstQuestion;dialogue\r\n"
_AT_ONCE: Final = 200
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?")
_QUOTED: Final = re.compile(r'[;"\r\n]')


class _SaidLine(msgspec.Struct, gc=False):
    """What the file needs of a line of ``transcript_json``; the rest is passed over unread."""

    role: str
    text: str
    source: str | None = None


_DIALOGUE: Final = msgspec.json.Decoder(list[_SaidLine])
"""Three times as fast as pydantic's: a million dialogues are eight gigabytes."""


def csv_lines(calls: Iterable[ExportedCall], zone: ZoneInfo) -> Iterator[bytes]:
    """The file in pieces, UTF-8; the rows end with CR LF (RFC 4180)."""
    yield (_BOM + _HEADER).encode()
    rows = (_row(call, zone) for call in calls)
    while piece := "".join(islice(rows, _AT_ONCE)):
        yield piece.encode()


def file_name(zone: ZoneInfo) -> str:
    """A name that says when the file was made."""
    return f"calls-{now().astimezone(zone):%Y-%m-%d-%H%M}.csv"


def cell(text: str) -> str:
    """A text as one cell of the file."""
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _row(call: ExportedCall, zone: ZoneInfo) -> str:
    start = _time(call.start_time, zone)
    end = _time(call.end_time, zone) if call.end_time else ""
    seconds = "" if call.duration_s is None else str(round(call.duration_s))
    texts = cell(call.first_question), cell(_dialogue(call.transcript_json))
    return (
        f"{call.id};{cell(call.caller_id)};{start};{end};{seconds};{call.status};"
        f"{call.sources};{texts[0]};{texts[1]}\r\n"
    )


def _time(moment: datetime, zone: ZoneInfo) -> str:
    """As spreadsheets read a time; without a zone it is in ``TIMEZONE`` (contract.md)."""
    return moment.astimezone(zone).isoformat(" ", "seconds")[:19]


def _dialogue(transcript_json: bytes) -> str:
    """Who said what, a line each; what is stored, where it cannot be read."""
    try:
        lines = _DIALOGUE.decode(transcript_json)
    except msgspec.DecodeError:
        return transcript_json.decode("utf-8", "replace")
    return "\n".join([f"{_speaker(line)}: {line.text}" for line in lines])


def _speaker(line: _SaidLine) -> str:
    if line.role == "user":
        return "Абонент"
    return f"Помощник [{line.source}]" if line.source else "Помощник"
