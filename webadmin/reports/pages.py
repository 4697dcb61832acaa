"""``/logs-ui/reports``: what happened in some days, for operators."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot.calllog.reporting import Report, read_report
from bot.records import now
from webadmin.compression import compressed
from webadmin.reports.blueprint import blueprint
from webadmin.reports.period import BadPeriodError, Period
from webadmin.reports.view import ReportView, hours, share
from webadmin.services import services


@blueprint.get("/logs-ui/reports")
@compressed
def page() -> ResponseReturnValue:
    """The report on the days of the query; what is wrong with them is told beside the form."""
    day = today()
    try:
        period = Period.parse(request.args, day)
    except BadPeriodError as error:
        view = ReportView(day, None, None, str(error))
        return _shown(view), error.status
    return _shown(ReportView(day, period, report_on(period)))


def today() -> date:
    """The day in the operators' zone."""
    return now().astimezone(services().settings.zone).date()


def report_on(period: Period) -> Report:
    """The report on some days."""
    with services().call_log.connection() as connection:
        return read_report(connection, services().settings.zone, period.first, period.last)


def _shown(view: ReportView) -> str:
    return render_template("reports/page.html", view=view, share=share, hours=hours)
