"""The seventeen behaviours of conversation.md, each measured where the caller is.

Many calls go at once where time is not what is measured; a recogniser that knows the callers'
voices (:mod:`.ear`) tells them apart.
"""
