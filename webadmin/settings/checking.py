"""``/logs-ui/settings/services``: every service, what it answered last, and a button to ask it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from werkzeug.exceptions import NotFound

from bot.checks.check import Check, Finding, examine
from bot.checks.listed import as_in_service, checks_of
from bot.errors import AssistantError, ChangeError
from bot.livesettings import live_settings
from bot.settings import Settings
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.background import Report
from webadmin.jobrecords import Job
from webadmin.jobs import accepted
from webadmin.services import services
from webadmin.settings.blueprint import blueprint, findings
from webadmin.settings.findings import Findings, Found
from webadmin.toasts import add_event

CHECKING = "settings-checks"
"""The kind of these jobs: services are asked one after the other."""
_LEFT_OUT = frozenset({"metrics"})
"""The worker's own port: to look at it from here could keep the worker from it."""
_MODEL_FIELDS = {"model-primary": "llm_model_primary", "model-fallback": "llm_model_fallback"}


class CheckFailedError(AssistantError):
    """A service that was checked does not work."""

    status = 502


@dataclass(frozen=True)
class Checking:
    """Runs some checks and keeps what they find, unless they are of settings not in service."""

    checks: Sequence[Check]
    settings: Settings
    kept: Findings | None

    def __call__(self, report: Report) -> str:
        """Run them one by one; raises :class:`CheckFailedError` when one that is needed fails.

        One that is run alone is needed: somebody asked for it.
        """
        found: list[Finding] = []
        for done, check in enumerate(self.checks):
            report(done, len(self.checks), check.name)
            found.append(examine(check, self.settings))
            if self.kept is not None:
                self.kept.put(found[-1])
        told = _told_one(found[0]) if len(found) == 1 else _told_all(found)
        if any(not finding.ok and (finding.needed or len(found) == 1) for finding in found):
            raise CheckFailedError(told)
        return told


def _told_one(finding: Finding) -> str:
    if finding.ok:
        return finding.detail
    return f"Не работает. {finding.advice[:1].upper()}{finding.advice[1:]}."


def _told_all(found: Sequence[Finding]) -> str:
    failed = [finding for finding in found if not finding.ok]
    told = f"Работают {len(found) - len(failed)} из {len(found)}."
    for words, some in (
        ("Не работают", [one.name for one in failed if one.needed]),
        ("Не работают, но звонки идут и без них", [one.name for one in failed if not one.needed]),
    ):
        told += f" {words}: {', '.join(some)}." if some else ""
    return told


@dataclass(frozen=True)
class CheckRow:
    """A service on the page: its check, what it found last, and whether it runs now."""

    check: Check
    found: Found | None
    is_running: bool


@blueprint.get("/logs-ui/settings/services")
def services_page() -> ResponseReturnValue:
    """All services."""
    return render_template("settings/services.html", **_context())


@blueprint.get("/logs-ui/settings/services/rows")
def service_rows() -> ResponseReturnValue:
    """The rows alone; they ask for themselves while something is checked."""
    return render_block("settings/services.html", "rows", **_context())


@blueprint.post("/logs-ui/settings/services")
@key_required
def check_all() -> ResponseReturnValue:
    """Have everything that is in use checked."""
    settings = as_in_service(services().settings)
    used = [check for check in _checks(settings) if not check.unused]
    return _started(Checking(used, settings, findings()), "Проверка всех служб")


@blueprint.post("/logs-ui/settings/services/<check_id>")
@key_required
def check_one(check_id: str) -> ResponseReturnValue:
    """Have one service checked; a model also as it stands in the form, before it is saved."""
    settings = as_in_service(services().settings)
    wanted = _as_typed(settings, check_id)
    check = next((one for one in _checks(wanted) if one.id == check_id), None)
    if check is None:
        raise NotFound("Такой службы в настройках нет. Обновите страницу.")
    if check.unused:
        raise ChangeError(f"Проверять нечего: {check.unused}.")
    kept = findings() if wanted == settings else None
    return _started(Checking([check], wanted, kept), f"Проверка: {check.name}")


def _started(work: Checking, title: str) -> Response:
    job = services().jobs.start(CHECKING, author(), work, title=title)
    return add_event(accepted(job), "checking", {"id": job.id})


def _as_typed(settings: Settings, check_id: str) -> Settings:
    """The settings with the model that the form names."""
    name = _MODEL_FIELDS.get(check_id, "")
    if name not in request.form:
        return settings
    live = live_settings(settings, {name: request.form[name].strip()})
    return settings.model_copy(update={name: getattr(live, name)})


def _checks(settings: Settings) -> list[Check]:
    return [check for check in checks_of(settings) if check.id not in _LEFT_OUT]


def _context() -> dict[str, object]:
    last, job = findings().last(), services().jobs.latest(CHECKING)
    running = None if job is None or job.has_ended else job
    rows = [
        CheckRow(check, last.get(check.id), _is_running(check, running))
        for check in _checks(as_in_service(services().settings))
    ]
    return {"rows": rows, "job": running}


def _is_running(check: Check, job: Job | None) -> bool:
    return job is not None and job.words == check.name
