"""The reports: figures as the calls have them, days as chosen, links to the calls behind them."""

import gzip
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from bot.calllog import CallLog
from bot.calllog.reporting import Figures
from bot.records import STATUSES, AnswerTrace, BotLine, UserLine, now
from bot.settings import Settings
from tests.webadmin.knowledgelab import words_of
from webadmin.reports.period import BadPeriodError, Period, period_choices
from webadmin.reports.spans import spans

START = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)
REPORTS = "/logs-ui/reports"
TODAY = date(2025, 8, 31)
NOTHING = Figures(dict.fromkeys(STATUSES, 0))


class Clock:
    """Moments that a test chooses."""

    moment = START

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def filled(settings: Settings) -> None:
    """Three calls on two days of Moscow: two answers of each base, two refusals."""
    clock = Clock()
    log = CallLog(settings.database_address, clock=clock)
    for hours, status in ((0, "Completed"), (3, "Transferred"), (20, "Completed")):
        clock.moment = START + timedelta(hours=hours)
        number = log.start_call("101", "channel", "worker")
        sources: Any = ("general", "tech") if hours != 3 else (None, None)
        for source in sources:
            log.append(number, UserLine("Какая гарантия?", "", clock.moment))
            trace = AnswerTrace(source=source, unanswered=source is None, cached=hours == 0)
            log.append(
                number, BotLine("Да.", clock.moment, trace=trace, timings_ms={"answer": 700})
            )
        clock.moment += timedelta(seconds=90)
        log.end_call(number, status)  # type: ignore[arg-type]
    log.close()


def page(client: FlaskClient, query: str = "?period=all") -> str:
    answer = client.get(REPORTS + query)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.usefixtures("filled")
def test_the_figures_are_those_of_the_calls(client: FlaskClient) -> None:
    words = words_of(page(client))
    for told in (
        "Звонков 3", "Средний разговор 1 мин 30 с всего 4 мин 30 с", "Вопросов 6 2,0 на звонок",
        "Без ответа 33,3\xa0% 2", "Ответы из кэша 33,3\xa0% 2", "завершён 2 66,7\xa0%",
        "переведён 1 33,3\xa0%", "[general] 2 33,3\xa0%", "ответа в базах нет 2 33,3\xa0%",
        "01.08 2 1 1 1 мин 30 с 4", "02.08 1 1 0 1 мин 30 с 2", "12:00 1", "15:00 1", "08:00 1",
    ):  # fmt: skip
        assert " ".join(told.split()) in words


@pytest.mark.usefixtures("filled")
def test_each_figure_leads_to_the_calls_that_it_counts(client: FlaskClient, calls: CallLog) -> None:
    html = page(client, "?date_from=2025-08-01&date_to=2025-08-01")
    links = re.findall(r'<a[^>]* href="(/logs-ui/\?[^"]+)"[^>]*>([^<]+)</a>', html)
    counted = {words.strip(): _calls_at(client, address) for address, words in links}
    assert counted == {
        "2": 2, "01.08": 2, "завершён": 1, "переведён": 1, "[general]": 1, "[tech]": 1,
    }  # fmt: skip


def _calls_at(client: FlaskClient, address: str) -> int:
    address = address.replace("/logs-ui/", "/logs", 1).replace("&amp;", "&")
    return int(client.get(address).headers["X-Total-Count"])


@pytest.mark.usefixtures("filled")
def test_a_report_without_calls_leads_on(client: FlaskClient) -> None:
    words = words_of(page(client, "?date_from=2024-01-01&date_to=2024-01-31"))
    assert "В эти дни звонков не было" in words
    assert "Показать за всё время" in words


def test_a_new_log_leads_to_the_instruction(client: FlaskClient) -> None:
    html = page(client)
    assert "Звонков пока нет" in html
    assert 'href="/logs-ui/instruction"' in html


@pytest.mark.usefixtures("filled")
def test_the_file_has_a_line_for_each_day(client: FlaskClient) -> None:
    answer = client.get(f"{REPORTS}/csv?period=all")
    assert answer.mimetype == "text/csv"
    first, *days = answer.data.decode("utf-8-sig").split("\r\n")[:-1]
    assert first.startswith("день;звонков;идёт;завершён")
    assert days == [
        "2025-08-01;2;0;1;0;0;1;0;3,0;4;1;1;2;0;2;0",
        "2025-08-02;1;0;1;0;0;0;0;1,5;2;1;1;0;0;0;0",
    ]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?date_from=31.08.2025", "Дату не разобрать"),
        ("?date_to=%FF%00", "Дату не разобрать"),
        ("?date_from=0001-01-01", "Такого года"),
        ("?date_from=2025-08-02&date_to=2025-08-01", "Поменяйте даты местами"),
    ],
)
def test_wrong_days_are_told_beside_the_form(client: FlaskClient, query: str, told: str) -> None:
    answer = client.get(REPORTS + query)
    assert answer.status_code == 400
    assert told in words_of(answer.text)
    assert 'name="date_from"' in answer.text
    as_csv = client.get(f"{REPORTS}/csv{query}")
    assert (as_csv.status_code, told in as_csv.text) == (400, True)


@pytest.mark.usefixtures("filled")
def test_the_page_travels_compressed_for_it_holds_numbers_only(client: FlaskClient) -> None:
    answer = client.get(f"{REPORTS}?period=all", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Какая гарантия" not in gzip.decompress(answer.data).decode()


def test_without_days_a_report_is_on_the_last_thirty() -> None:
    period = Period.parse({}, TODAY)
    assert period == Period(date(2025, 8, 2), TODAY)
    assert [one.words for one in period_choices(period, TODAY) if one.is_chosen] == ["30 дней"]


def test_every_choice_of_days_is_its_address() -> None:
    for choice in period_choices(None, TODAY):
        assert Period.parse(choice.period.query, TODAY) == choice.period


def test_half_a_period_is_open_at_its_other_end() -> None:
    assert Period.parse({"date_from": "2025-08-05"}, TODAY) == Period(date(2025, 8, 5), None)
    assert Period.parse({"date_to": "2025-08-05"}, TODAY) == Period(None, date(2025, 8, 5))
    with pytest.raises(BadPeriodError):
        Period.parse({"date_to": "завтра"}, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "step", "labels"),
    [
        ((2025, 8, 1), (2025, 8, 3), "day", ["01.08", "03.08"]),
        ((2025, 8, 1), (2025, 10, 5), "week", ["01.08–03.08.2025", "29.09–05.10.2025"]),
        ((2024, 1, 15), (2025, 8, 3), "month", ["01.2024", "08.2025"]),
    ],
)
def test_time_is_cut_so_that_a_chart_can_show_it(
    first: tuple[int, int, int], last: tuple[int, int, int], step: str, labels: list[str]
) -> None:
    period = Period(date(*first), date(*last))
    days = {date(*first): NOTHING, date(*last): Figures({**NOTHING.by_status, "Failed": 2})}
    cut, found = spans(days, period)
    assert cut == step
    shown = [span.label for span in found]
    assert [shown[0], shown[-1]] == labels
    assert len(shown) <= 62
    assert sum(span.figures.calls for span in found) == 2
    assert found[-1].figures.by_status["Failed"] == 2
    assert [span.period.first for span in found[1:]] == [
        span.period.last + timedelta(days=1) for span in found[:-1] if span.period.last
    ]


def test_today_is_the_operators_day(client: FlaskClient) -> None:
    today = now().astimezone(ZoneInfo("Europe/Moscow")).date().isoformat()
    assert f"date_to={today}" in page(client, "")
