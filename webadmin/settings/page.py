"""``/logs-ui/settings``: the settings that operators change while calls go on."""

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block

from bot.errors import ChangeError, OvertakenError
from bot.livesettings import live_settings
from webadmin.apikey import key_required
from webadmin.extensions import htmx
from webadmin.services import services
from webadmin.settings.blueprint import blueprint
from webadmin.settings.changing import Served, publish, served, settings_of
from webadmin.settings.explained import EXPLAINED
from webadmin.settings.form import (
    SettingsForm,
    carried_over,
    changes_between,
    parsed,
    texts_of,
    threshold_of,
    typed,
)
from webadmin.settings.trying import trial
from webadmin.takenup import take_up_state
from webadmin.toasts import add_toast


@blueprint.get("/logs-ui/settings")
def page() -> ResponseReturnValue:
    """The form, with the values of the query in it: a proposal can be sent as a link."""
    now = served()
    values = typed(request.args, texts_of(now.live))
    return _shown(now, SettingsForm(values, now.record.number, parsed(values)[1]))


@blueprint.post("/logs-ui/settings")
@key_required
def save() -> ResponseReturnValue:
    """Publish what was typed, unless somebody else has published other settings meanwhile."""
    now = served()
    form = SettingsForm(typed(request.form, texts_of(now.live)), _based_on())
    wanted, problems = parsed(form.values)
    if wanted is None:
        page = _shown(now, SettingsForm(form.values, form.based_on, problems))
        return page, 422, {"HX-Reswap": "outerHTML"}  # the field that has the focus shall be seen
    try:
        published = publish(wanted, form.based_on, request.form.get("note", ""))
    except OvertakenError:
        return _overtaken(form), 422
    now = served()
    fresh = SettingsForm(texts_of(now.live), now.record.number)
    answer = make_response(_shown(now, fresh))
    answer.headers["HX-Replace-Url"] = url_for("settings.page")
    told = f"Опубликован выпуск {published.record.number}." if published.is_new else _SAME
    return add_toast(answer, "success", told)


_SAME = "Ничего не изменилось: такие настройки уже в работе."


def _based_on() -> int:
    number = request.form.get("based_on", type=int)
    if number is None:
        raise ChangeError("Не сказано, какой выпуск правили. Обновите страницу и повторите.")
    return number


def _overtaken(form: SettingsForm) -> str:
    """The form again, over the settings of others, with what they have changed."""
    now, seen = served(), settings_of(form.based_on)
    values = carried_over(form.values, seen, now.live)
    renewed = SettingsForm(values, now.record.number)
    return _shown(now, renewed, others=changes_between(seen, now.live))


def _shown(now: Served, form: SettingsForm, **also: object) -> str:
    context = {
        "explained": EXPLAINED,
        "form": form,
        "record": now.record,
        "in_service": texts_of(now.live),
        "in_env": texts_of(live_settings(services().settings, {})),
        "trial": trial(now.record.build_id, now.live, threshold_of(form.values, now.live)),
        "take_up": take_up_state(),
        **also,
    }
    if htmx and not htmx.boosted:
        return render_block("settings/settings.html", "settings", **context)
    return render_template("settings/settings.html", **context)
