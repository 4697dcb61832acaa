"""``/logs-ui/settings/history``: who changed which setting when, and the way back."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.errors import AssistantError, OvertakenError
from bot.livesettings import LiveSettings
from bot.releases.content import SETTINGS_FILE
from bot.releases.record import ReleaseRecord
from webadmin.apikey import key_required
from webadmin.redirecting import go_to
from webadmin.services import services
from webadmin.settings.blueprint import blueprint
from webadmin.settings.changing import publish, served, settings_of
from webadmin.settings.form import Change, changes_between
from webadmin.takenup import take_up_state
from webadmin.toasts import toast_on_next_page

_SHOWN = 50
_LOOKED_BACK = 500
"""Releases read to find those that changed settings: a file of a kilobyte each."""


@dataclass(frozen=True)
class Entry:
    """A release that changed settings, and how; the oldest one changed nothing that is known."""

    record: ReleaseRecord
    changes: list[Change]
    is_current: bool
    """Its settings are those in service."""


@blueprint.get("/logs-ui/settings/history")
def history() -> ResponseReturnValue:
    """The changes, newest first, and in the end what there was before them."""
    entries = list(_entries())
    return render_template(
        "settings/history.html",
        entries=entries[:_SHOWN] if len(entries) > 1 else [],
        in_service=services().releases.require_in_service(),
        take_up=take_up_state(),
    )


@blueprint.post("/logs-ui/settings/history/<int:number>")
@key_required
def bring_back(number: int) -> ResponseReturnValue:
    """Publish the settings of an older release; bases and prompts stay as they are."""
    seen = request.form.get("based_on", type=int) or 0
    wanted = settings_of(number)
    try:
        published = publish(wanted, seen, f"настройки как в выпуске {number}")
    except OvertakenError as error:
        raise OvertakenError(
            "Пока вы смотрели, настройки изменил кто-то другой. Обновите страницу и решите заново."
        ) from error
    told = f"Настройки снова как в выпуске {number}: опубликован выпуск {published.record.number}."
    toast_on_next_page("success", told if published.is_new else "Настройки и так такие.")
    return go_to(url_for("settings.history"))


def _entries() -> Iterator[Entry]:
    now = served()
    known = (one for one in services().releases.records() if one.number <= now.record.number)
    before: ReleaseRecord | None = None
    for newer, before in pairwise(islice(known, _LOOKED_BACK)):
        if newer.files[SETTINGS_FILE] != before.files[SETTINGS_FILE]:
            yield from _entry(newer, before, now.live)
    if before is not None:
        yield from _entry(before, before, now.live)


def _entry(record: ReleaseRecord, before: ReleaseRecord, now: LiveSettings) -> Iterator[Entry]:
    """A release that is damaged, or refused by this version, is left out."""
    try:
        live = settings_of(record.number)
        changes = changes_between(settings_of(before.number), live)
    except AssistantError:
        return
    yield Entry(record, changes, live == now)
