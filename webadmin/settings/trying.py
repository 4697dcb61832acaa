"""``/logs-ui/settings/effect``: what another threshold would change, before it is saved."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.errors import ChangeError
from bot.livesettings import LiveSettings
from webadmin.answering import answering, warm_up
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.jobrecords import Job
from webadmin.jobs import accepted
from webadmin.services import services
from webadmin.settings.asking import ASKING, AskingAgain
from webadmin.settings.blueprint import blueprint, score_book
from webadmin.settings.changing import served
from webadmin.settings.effect import Effect
from webadmin.settings.form import THRESHOLD, parsed, texts_of, typed
from webadmin.settings.material import Material, material
from webadmin.settings.picture import Area, areas

SHOWN = 100
"""Questions that are listed; more than that nobody reads."""


@dataclass(frozen=True)
class Trial:
    """The effect of a threshold as the page shows it."""

    effect: Effect
    material: Material
    areas: list[Area]
    job: Job | None
    """The job that asks the bases again, while it runs."""
    shown: int = SHOWN


def trial(build_id: str, live: LiveSettings, new: float) -> Trial:
    """What ``new`` would change in a build, beside the threshold in service."""
    found = material(build_id)
    if found.unknown:
        warm_up()  # somebody may want them asked
    job = services().jobs.latest(ASKING)
    return Trial(
        Effect(found.scored, live.kb_fallback_threshold, new),
        found,
        areas(found.scored) if found.scored else [],
        None if job is None or job.has_ended else job,
    )


@blueprint.get("/logs-ui/settings/effect")
def effect() -> ResponseReturnValue:
    """The effect of ``?kb_fallback_threshold=``; the page's address follows it."""
    now = served()
    values = typed({THRESHOLD: request.args.get(THRESHOLD, "")}, texts_of(now.live))
    wanted, problems = parsed(values)
    if wanted is None:
        return render_template("settings/no_effect.html", words=problems[THRESHOLD]), 422
    new = wanted.kb_fallback_threshold
    found = trial(now.record.build_id, now.live, new)
    answer = make_response(render_template("settings/effect.html", trial=found, is_update=True))
    query = (
        ""
        if new == now.live.kb_fallback_threshold
        else f"?{urlencode({THRESHOLD: values[THRESHOLD]})}"
    )
    answer.headers["HX-Replace-Url"] = url_for("settings.page") + query
    return answer


@blueprint.post("/logs-ui/settings/effect")
@key_required
def ask_again() -> ResponseReturnValue:
    """Have the bases asked what is not known: with paid embeddings that costs money."""
    found = material(served().record.build_id)
    if not found.unknown:
        raise ChangeError("Спрашивать нечего: всё уже известно. Обновите страницу.")
    work = AskingAgain(answering(), score_book(), found.unknown)
    title = "Вопросы к нынешним базам"
    return accepted(services().jobs.start(ASKING, author(), work, title=title))
