"""``/logs-ui/unanswered``: the questions that the bases do not answer."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot.records import now
from webadmin.answering import warm_up
from webadmin.questions.keeping import question_keeper, question_store
from webadmin.services import services
from webadmin.unanswered.blueprint import blueprint
from webadmin.unanswered.view import SORT_NAMES, STATE_NAMES, ListForm, ListView

_WAIT_S = 0.5
"""A day's new questions are mostly grouped by then; a longer history is told of meanwhile."""


@blueprint.get("/logs-ui/unanswered")
def page() -> ResponseReturnValue:
    """The list; what callers asked since it was last looked at is grouped first."""
    warm_up()
    moment = now()
    today = moment.astimezone(services().settings.zone).date()
    form = ListForm.parse(request.args, today)
    progress = question_keeper().wake(_WAIT_S)
    view = ListView(form, today, moment, question_store(), progress)
    return render_template(
        "unanswered/page.html", view=view, state_names=STATE_NAMES, sort_names=SORT_NAMES
    )


@blueprint.get("/logs-ui/unanswered/progress")
def progress() -> ResponseReturnValue:
    """How far the grouping is; nothing to add once it is done but the offer to look again."""
    return render_template("unanswered/progress.html", progress=question_keeper().progress)
