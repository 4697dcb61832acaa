"""Recordings of calls: both sides on one clock, written while they last, kept for a period.

The caller is the left channel and the assistant the right one. Off by default; when it is on,
callers are told (:mod:`bot.recording.notice`).
"""

from bot.recording.recorder import CallRecording, Recorder

__all__ = ["CallRecording", "Recorder"]
