"""``/logs-ui/``: the list of calls and the page of one, for operators."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from bot.calllog.asked import AskedWords, asked_words
from bot.calllog.counting import BOUND
from bot.calllog.deletions import Deletion
from bot.calllog.excerpt import Piece, marked
from bot.calllog.reading import LARGEST_NUMBER, Neighbours, Page
from bot.records import now
from webadmin.extensions import htmx
from webadmin.logs.blueprint import blueprint
from webadmin.logs.choices import (
    PAGE_SIZES,
    Choice,
    Heading,
    headings,
    period_choices,
    size_choices,
    source_choices,
    status_choices,
)
from webadmin.logs.dialogue import ShownLine, shown_lines
from webadmin.logs.display import grouped
from webadmin.logs.forms import LogsForm
from webadmin.logs.keeping import kept_words
from webadmin.logs.lookup import call_or_404, requested_form
from webadmin.logs.paging import Pages
from webadmin.logs.recording import ShownRecording, recorded_calls, shown_recording
from webadmin.logs.seen import seen_page
from webadmin.logs.soundpicture import line_starts
from webadmin.logs.summary import Summary
from webadmin.services import services

_PAGE_LIMIT = PAGE_SIZES[0]


@dataclass(frozen=True)
class ListView:
    """All that the list's template shows."""

    form: LogsForm
    page: Page
    newest: int
    deletions: list[Deletion]

    @cached_property
    def pages(self) -> Pages:
        """Where this page stands among all."""
        counts, shown = self.page.counts, len(self.page.calls)
        total = counts.total
        if not counts.is_exact:  # a full page far beyond what was counted has another after it
            is_full = shown == self.form.limit
            total = max(BOUND, self.form.offset + shown + is_full)
        return Pages(self.form.offset, self.form.limit, total, counts.is_exact)

    @cached_property
    def recorded(self) -> dict[int, float]:
        """The seconds of the recordings there are of these calls."""
        return recorded_calls(self.page.calls)

    @property
    def headings(self) -> list[Heading]:
        """The columns of the table."""
        return headings(self.form)

    @property
    def facets(self) -> dict[str, list[Choice]]:
        """The choices with their numbers of calls, by what they choose."""
        counts = self.page.counts
        return {
            "Итог": status_choices(self.form, counts),
            "Источник": source_choices(self.form, counts),
        }

    @property
    def periods(self) -> list[Choice]:
        """Ranges of days."""
        return period_choices(self.form, now().astimezone(services().settings.zone).date())

    @property
    def undo_s(self) -> int:
        """Seconds until the first of the deletions can be taken back no more."""
        left = (deletion.until - now() for deletion in self.deletions)
        return max(1, ceil(min(left).total_seconds())) if self.deletions else 0

    @property
    def has_instruction(self) -> bool:
        """Whether there is a page that tells how to begin."""
        return "instruction.page" in current_app.view_functions

    @property
    def kept(self) -> str:
        """How long calls are kept."""
        settings = services().settings
        next_at = services().call_log.next_expiry()
        local = next_at.astimezone(settings.zone) if next_at else None
        return kept_words(settings.retention_days_calls, local)

    @property
    def sizes(self) -> list[Choice]:
        """How many calls a page shows."""
        return size_choices(self.form)


@blueprint.get("/logs-ui/")
def page() -> ResponseReturnValue:
    """The list: the whole page, or only what changes with the filter when htmx asks."""
    form = requested_form(_PAGE_LIMIT)
    log = services().call_log
    newest = log.newest()  # before the page, so that no call is announced by neither
    found = seen_page(log.page(form.wanted(services().settings.zone)), form.q)
    view = ListView(form, found, newest, log.deletions())
    if htmx:
        return _with_address(render_block("logs/calls.html", "calls_table", view=view), form)
    return render_template("logs/calls.html", view=view)


@blueprint.get("/logs-ui/news")
def news() -> ResponseReturnValue:
    """How many calls have come since the one of number ``than``; nothing when none has."""
    form = requested_form(_PAGE_LIMIT)
    wanted = form.wanted(services().settings.zone)
    than = request.args.get("than", 0, int)
    number = services().call_log.newer(wanted, than) if 0 <= than <= LARGEST_NUMBER else 0
    if not number:
        return "", 204
    return render_template("logs/news.html", number=number, form=form)


@blueprint.get("/logs-ui/<int:call_id>")
def dialogue(call_id: int) -> ResponseReturnValue:
    """One call as a dialogue, with the words marked that the list was searched for."""
    form = requested_form(_PAGE_LIMIT)
    call = call_or_404(call_id)
    lines = shown_lines(call.transcript_json)
    sound = shown_recording(call)
    neighbours = services().call_log.neighbours(form.wanted(services().settings.zone), call_id)
    return render_template(
        "logs/call.html",
        call=call,
        lines=lines,
        sound=sound,
        starts=_starts(lines, sound),
        summary=Summary(lines),
        form=form,
        neighbours=neighbours,
        place=_place(neighbours),
        live=_live_address(),
        marks=Marks(asked_words(form.q) if form.q else None),
    )


@blueprint.get("/logs-ui/<int:call_id>/news")
def call_news(call_id: int) -> ResponseReturnValue:
    """What a call that goes on has more than so many ``lines``; nothing when it has no more."""
    form = requested_form(_PAGE_LIMIT)
    call = call_or_404(call_id)
    known = request.args.get("lines", 0, int)
    number = max(0, len(shown_lines(call.transcript_json)) - known)
    if not number and call.status == "InProgress":
        return "", 204
    return render_template("logs/linenews.html", call=call, number=number, form=form)


def _starts(lines: tuple[ShownLine, ...], sound: ShownRecording) -> tuple[float, ...]:
    """Where each line begins in the recording, if there is one to play."""
    found = sound.recording
    return line_starts(lines, found.began_at, found.seconds) if found else ()


def _place(neighbours: Neighbours) -> str:
    """«3 из 512», when that is known."""
    counts = neighbours.counts
    if neighbours.place is None:
        return ""
    of = f"{'более чем ' if not counts.is_exact else ''}{grouped(counts.total)}"
    return f"{grouped(neighbours.place)} из {of}"


def _live_address() -> str:
    """The page of calls in progress, where there is one."""
    return url_for("live.page") if "live.page" in current_app.view_functions else ""


@dataclass(frozen=True)
class Marks:
    """Marks the words of a search in a text."""

    asked: AskedWords | None

    def of(self, text: str) -> tuple[Piece, ...]:
        """The text in pieces."""
        return marked(text, self.asked) if self.asked else (Piece(text, is_match=False),)


def _with_address(fragment: str, form: LogsForm) -> Response:
    """The fragment, with the address of its view where that is not the page's already."""
    answer = make_response(fragment)
    arguments = form.arguments(form.offset)
    if _shown_query() != {name: str(value) for name, value in arguments.items()}:
        answer.headers["HX-Push-Url"] = url_for("logs.page", **arguments)
    return answer


def _shown_query() -> dict[str, str]:
    """The query of the page that asks, as its browser says."""
    try:
        return dict(parse_qsl(urlsplit(htmx.current_url or "").query))
    except ValueError:  # it is no address
        return {}
