"""What operators note about a group of questions: that it is resolved, what a trial brought."""

from datetime import datetime

from webadmin.questions.store import QuestionStore
from webadmin.unanswered.queries import Check


def put_check(store: QuestionStore, group: int, check: Check) -> None:
    """Note how the assistant answered just now."""
    row = (
        group, check.at.isoformat(), check.release, check.is_answered, check.source, check.score,
        check.answer,
    )  # fmt: skip
    with store.connection() as connection:
        connection.execute("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def resolve(store: QuestionStore, group: int, at: datetime, author: str) -> None:
    """Note that nothing is to be done, until the question is asked in vain again."""
    with store.connection() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO resolved VALUES (?, ?, ?)", (group, at.isoformat(), author)
        )


def reopen(store: QuestionStore, group: int) -> None:
    """Take that back."""
    with store.connection() as connection:
        connection.execute("DELETE FROM resolved WHERE grp = ?", (group,))
