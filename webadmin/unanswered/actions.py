"""What an operator does about a question: opens the base, tries it again, calls it resolved."""

import time

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from bot.agent_setup import Answering
from bot.ask import ANSWER_DEADLINE_S, Answered, ask
from bot.deadline import Deadline
from bot.normalize import normalize
from bot.question import question_of
from bot.records import AnswerTrace, now
from bot.retrieval import BASES
from bot.turn import Turn
from webadmin.answering import answering
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.knowledge.sections import slug_of
from webadmin.questionlimit import count_question
from webadmin.questions.keeping import question_store
from webadmin.toasts import add_toast
from webadmin.unanswered import marks
from webadmin.unanswered.blueprint import blueprint
from webadmin.unanswered.queries import Check, Group, read_group

_GROUP = "/logs-ui/unanswered/<int:number>"
_SEE_OTHER = 303


@blueprint.get(f"{_GROUP}/edit")
def edit(number: int) -> ResponseReturnValue:
    """The editor of the base that is nearest to the question, at the nearest heading."""
    question = _group(number).wordings[0]
    kb, heading = _nearest(answering(), question)
    chosen = {"heading": heading} if heading else {}
    return redirect(url_for("knowledge.edit", kb=kb, **chosen), _SEE_OTHER)  # type: ignore[arg-type]


@blueprint.post(f"{_GROUP}/check")
def check(number: int) -> ResponseReturnValue:
    """Ask the assistant as it answers now, and show what it said."""
    group = _group(number)
    parts = answering()
    count_question(request.remote_addr or "")
    marks.put_check(question_store(), number, _checked(ask(parts.agent, (), group.wordings[0])))
    return _card(number)


@blueprint.post(f"{_GROUP}/resolve")
@key_required
def resolve(number: int) -> ResponseReturnValue:
    """Nothing more is to be done about it, until it is asked in vain again."""
    _group(number)
    marks.resolve(question_store(), number, now(), author())
    return add_toast(_card(number), "success", "Отмечено: решено. Спросят снова — вопрос вернётся.")


@blueprint.post(f"{_GROUP}/reopen")
@key_required
def reopen(number: int) -> ResponseReturnValue:
    """It was not resolved after all."""
    _group(number)
    marks.reopen(question_store(), number)
    return add_toast(_card(number), "success", "Вопрос снова в списке.")


def _group(number: int) -> Group:
    group = read_group(question_store(), number)
    if group is None:
        raise NotFound("Такого вопроса больше нет: звонки, в которых его задавали, удалены.")
    return group


def _card(number: int) -> Response:
    return make_response(render_template("unanswered/card.html", group=_group(number)))


def _nearest(parts: Answering, question: str) -> tuple[str, str]:
    """The base and the heading (as an address names it) of the best passage there is."""
    release, trace = parts.releases.current(), AnswerTrace()
    asked = release.prompts.phrase_book.question_in(normalize(question_of(question)))
    turn = Turn(asked, trace, Deadline(ANSWER_DEADLINE_S), time.perf_counter(), release)
    turn.follow(())
    turn.search(parts.embedder, time.perf_counter)
    hits = release.index.search(turn.vector, turn.query, 1) if turn.vector.size else {}
    best = max(
        (hit for found in hits.values() for hit in found),
        key=lambda hit: hit.relevance,
        default=None,
    )
    if best is None:
        return trace.first_base or BASES[0], ""
    return best.passage.kb, slug_of(best.passage.heading) if best.passage.heading else ""


def _checked(answered: Answered) -> Check:
    trace = answered.trace
    scores = [passage.relevance for passage in trace.passages]
    return Check(
        at=now(),
        release=trace.release,
        is_answered=not trace.unanswered and trace.source is not None,
        source=trace.source or "",
        score=max(scores, default=None),
        answer=answered.text,
    )
