"""``POST /api/ask`` and ``POST /api/normalize``: what the assistant makes of typed words."""

from flask import Blueprint, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from bot.ask import ask as ask_agent
from bot.llm import Exchange
from bot.normalize import normalize as normalized
from webadmin.answering import agent
from webadmin.api.answerbody import Answer, Normalized, Question, Text
from webadmin.api.dialogues import Dialogues
from webadmin.api.jsonbody import json_as
from webadmin.csrf import json_required
from webadmin.questionlimit import count_question

blueprint = Blueprint("asking", __name__)

_DIALOGUES = "dialogues"


@blueprint.record
def _keep_dialogues(state: BlueprintSetupState) -> None:
    state.app.extensions[_DIALOGUES] = Dialogues()


@blueprint.post("/api/ask")
@json_required
def ask() -> ResponseReturnValue:
    """The answer to a typed question; with a session it follows on the one before.

    As on the telephone, small talk is no part of the dialogue.
    """
    question = json_as(Question)
    answerer = agent()
    count_question(request.remote_addr or "")
    session = question.session
    history = _dialogues().history(session) if session else ()
    answered = ask_agent(answerer, history, question.text)
    if session and not answered.trace.control:
        _dialogues().add(session, Exchange(answered.question, answered.text, answered.sentences))
    return jsonify(Answer.of(answered, session).model_dump())


@blueprint.post("/api/normalize")
@json_required
def normalize() -> ResponseReturnValue:
    """The text with units and names in the form that is searched for."""
    raw = json_as(Text).text
    return jsonify(Normalized(raw=raw, normalized=normalized(raw)).model_dump())


def _dialogues() -> Dialogues:
    found: Dialogues = current_app.extensions[_DIALOGUES]
    return found
