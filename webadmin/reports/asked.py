"""What was asked most in the days of a report, questions of one meaning together.

A fragment of its own: it holds what callers said, so that the page itself can travel compressed
(:mod:`webadmin.compression`).
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webadmin.questions.keeper import HORIZON_DAYS
from webadmin.questions.keeping import question_keeper, question_store
from webadmin.reports.blueprint import blueprint
from webadmin.reports.pages import today
from webadmin.reports.period import Period

_MOST = 10
_WAIT_S = 0.2


@blueprint.get("/logs-ui/reports/questions")
def questions() -> ResponseReturnValue:
    """The questions; asked for again while they are still being grouped."""
    period = Period.parse(request.args, today())
    progress = question_keeper().wake(_WAIT_S)
    groups = question_store().most_asked(period.first, period.last, _MOST)
    return render_template(
        "reports/questions.html",
        period=period,
        groups=groups,
        progress=progress,
        horizon_days=HORIZON_DAYS,
    )
