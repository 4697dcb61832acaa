"""The keeper of the questions of this application, for the pages that show them."""

from flask import Flask, current_app

from bot.agent_setup import Answering
from bot.records import now
from webadmin.answering import answering
from webadmin.questions.keeper import QuestionKeeper
from webadmin.questions.store import QuestionStore
from webadmin.services import Services

_KEEPER = "question_keeper"
_STORE = "question_store"


def init_app(app: Flask) -> None:
    """Prepare to keep the questions of this application; nothing is read yet."""
    parts: Services = app.extensions["services"]
    store = QuestionStore(parts.state / "questions.sqlite")

    def ready() -> Answering:
        with app.app_context():
            return answering()

    app.extensions[_STORE] = store
    app.extensions[_KEEPER] = QuestionKeeper(parts.call_log, store, ready, parts.settings.zone, now)


def question_store() -> QuestionStore:
    """What is known of the questions."""
    found: QuestionStore = current_app.extensions[_STORE]
    return found


def question_keeper() -> QuestionKeeper:
    """Who keeps it so."""
    found: QuestionKeeper = current_app.extensions[_KEEPER]
    return found
