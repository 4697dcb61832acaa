"""How many questions one address may ask: an answer can cost money, and each costs a core."""

from flask import Flask, current_app

from webadmin.limiting import RequestLimit

MOST_QUESTIONS = 60
WINDOW_S = 60.0
_EXTENSION = "question_limit"


def init_app(app: Flask) -> None:
    """Begin to count the questions that this application is asked."""
    app.extensions[_EXTENSION] = RequestLimit(MOST_QUESTIONS, WINDOW_S, "Слишком много вопросов")


def count_question(address: str) -> None:
    """Count one more question.

    Raises :class:`werkzeug.exceptions.TooManyRequests` with the seconds to wait when the address
    has asked 60 within a minute already.
    """
    limit: RequestLimit = current_app.extensions[_EXTENSION]
    limit.count(address)
