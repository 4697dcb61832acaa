"""The call log: every call from its first second, turn by turn, whatever the database does."""

from bot.calllog.log import CallLog, CallLogError, FinalStatus

__all__ = ["CallLog", "CallLogError", "FinalStatus"]
