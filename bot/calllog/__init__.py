"""The call log: every call from its first second, turn by turn, whatever the database does."""

from bot.calllog.database import CallLogError
from bot.calllog.log import CallLog, FinalStatus

__all__ = ["CallLog", "CallLogError", "FinalStatus"]
