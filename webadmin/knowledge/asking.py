"""«Проверить вопрос»: what the bases hold for a question, and what is answered."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from bot.agent_setup import Answering
from bot.ask import ANSWER_DEADLINE_S, Answered, ask
from bot.deadline import Deadline
from bot.question import question_of
from bot.records import AnswerTrace
from bot.release import Release
from bot.retrieval import BASES, Base, Hit
from bot.turn import Turn
from webadmin.answering import answering, warm_up
from webadmin.extensions import htmx
from webadmin.knowledge.blueprint import blueprint
from webadmin.knowledge.sections import anchor_of, slug_of
from webadmin.questionlimit import count_question

LONGEST = 600


@dataclass(frozen=True)
class FoundHit:
    """A passage that was found, and the place of its section on the page of its base."""

    hit: Hit
    anchor: str


@dataclass(frozen=True)
class LookUp:
    """What a release holds for a question: the best passages of each base."""

    release: Release
    trace: AnswerTrace
    hits: Mapping[Base, Sequence[FoundHit]]


@blueprint.get("/logs-ui/knowledge/ask")
def try_question() -> ResponseReturnValue:
    """The form; with ``?q=`` the question is asked as soon as the page is there."""
    warm_up()
    return render_template("knowledge/ask.html", question=request.args.get("q", "")[:LONGEST])


@blueprint.post("/logs-ui/knowledge/ask")
def answer_question() -> ResponseReturnValue:
    """What is found for the question ``q``, and the answer to it."""
    typed = request.form.get("q", "")
    if not question_of(typed):
        raise BadRequest("Напишите вопрос словами, например: «Какая гарантия?»")
    parts = answering()
    count_question(request.remote_addr or "")
    answered = ask(parts.agent, (), typed)
    found = None if answered.trace.control else _look_up(parts, answered)
    page = render_template(
        "knowledge/answer.html", typed=typed.strip(), answered=answered, found=found
    )
    return _at_its_address(make_response(page), typed)


def _at_its_address(answer: Response, typed: str) -> Response:
    """Have the address name the question, so that it can be linked and gone back to."""
    address = url_for("knowledge.try_question", q=typed, _external=True)
    if htmx and htmx.current_url != address:
        answer.headers["HX-Push-Url"] = url_for("knowledge.try_question", q=typed)
    return answer


def _look_up(parts: Answering, answered: Answered) -> LookUp:
    """Search as a turn of a call does, and keep what both bases hold."""
    release, trace = parts.releases.current(), AnswerTrace()
    question = release.prompts.phrase_book.question_in(answered.question)
    turn = Turn(question, trace, Deadline(ANSWER_DEADLINE_S), time.perf_counter(), release)
    turn.follow(())
    turn.search(parts.embedder, time.perf_counter)
    hits = release.index.search(turn.vector, turn.query, release.live.kb_top_k)
    return LookUp(
        release, trace, {kb: [FoundHit(hit, _anchor(hit)) for hit in hits[kb]] for kb in BASES}
    )


def _anchor(hit: Hit) -> str:
    return anchor_of(slug_of(hit.passage.heading))
