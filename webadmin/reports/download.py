"""``/logs-ui/reports/csv``: the days of a report, a line each, for spreadsheets."""

from collections.abc import Iterator

from flask import Response, request
from flask.typing import ResponseReturnValue

from bot.calllog.reporting import Figures, Report
from bot.records import STATUSES
from webadmin.logs.csvfile import cell
from webadmin.logs.display import status_name
from webadmin.reports.blueprint import blueprint
from webadmin.reports.pages import report_on, today
from webadmin.reports.period import Period

_BOM = "\ufeff"
_NAMES = (
    "день", "звонков", *map(status_name, STATUSES), "разговоров, мин", "вопросов", "[general]",
    "[tech]", "без ответа", "перебили", "из кэша", "служба подвела",
)  # fmt: skip


@blueprint.get("/logs-ui/reports/csv")
def as_csv() -> ResponseReturnValue:
    """The file for the days of the query."""
    report = report_on(Period.parse(request.args, today()))
    answer = Response("".join(_lines(report)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename="report.csv")
    return answer


def _lines(report: Report) -> Iterator[str]:
    yield _BOM + ";".join(map(cell, _NAMES)) + "\r\n"
    for day, figures in report.days.items():
        yield ";".join([day.isoformat(), *_numbers(figures)]) + "\r\n"


def _numbers(figures: Figures) -> Iterator[str]:
    yield str(figures.calls)
    yield from (str(figures.by_status[status]) for status in STATUSES)
    yield f"{figures.seconds / 60:.1f}".replace(".", ",")
    for number in (figures.questions, figures.general, figures.tech, figures.unanswered,
                   figures.interrupted, figures.cached, figures.failed):  # fmt: skip
        yield str(number)
