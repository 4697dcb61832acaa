"""How many questions one address may ask: an answer can cost money, and each costs a core."""

from flask import Flask, current_app
from werkzeug.exceptions import TooManyRequests

from webadmin.limiting import FailureLimit

MOST_QUESTIONS = 60
WINDOW_S = 60.0
_EXTENSION = "question_limit"


def init_app(app: Flask) -> None:
    """Begin to count the questions that this application is asked."""
    app.extensions[_EXTENSION] = FailureLimit(MOST_QUESTIONS, WINDOW_S)


def count_question(address: str) -> None:
    """Count one more question.

    Raises :class:`werkzeug.exceptions.TooManyRequests` with the seconds to wait when the address
    has asked 60 within a minute already.
    """
    limit: FailureLimit = current_app.extensions[_EXTENSION]
    try:
        limit.judge(address, is_right=False)  # each question counts, as a wrong key does
    except TooManyRequests as refusal:
        raise TooManyRequests(
            f"Слишком много вопросов с этого адреса. Повторите через {refusal.retry_after} с.",
            retry_after=refusal.retry_after,
        ) from None
