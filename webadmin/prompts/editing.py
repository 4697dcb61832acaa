"""``/logs-ui/prompts``: the form, and publishing what it says in place of what it was made from."""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.errors import ChangeError, KnowledgeError, OvertakenError
from bot.prompts import (
    SAMPLE_PATH,
    Prompts,
    advice_on_missing,
    missing_parts,
    prompts_in,
    wrong_variables,
)
from bot.releases.content import Content
from bot.releases.publisher import Published
from bot.releases.record import ReleaseRecord
from bot.smalltalk import CONTROLS
from webadmin.api.inservice import in_service, publisher
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.compression import compressed
from webadmin.prompts.blueprint import blueprint, prompts_of_release
from webadmin.prompts.fields import FILLERS, ROUTING, SPOKEN, TOLD, talk_field, title_of
from webadmin.prompts.form import Problem, problems_of, prompts_of
from webadmin.prompts.merging import Edits, by_places, edits, with_missing
from webadmin.redirecting import go_to
from webadmin.services import services
from webadmin.takenup import take_up_state
from webadmin.toasts import add_event, add_toast, toast_on_next_page

_CONFLICT = 409
_REFUSED = 422


@dataclass(frozen=True)
class Overtaken:
    """What others published while the form was open, and what both changed."""

    record: ReleaseRecord
    edits: Edits

    @property
    def theirs(self) -> list[str]:
        """What others changed, in words."""
        return titles(self.edits.their_changes)


@blueprint.get("/logs-ui/prompts")
@compressed
def page() -> ResponseReturnValue:
    """The form; with ``?sample=missing`` it also holds what the prompts lack, not published yet."""
    record, content = in_service()
    prompts: dict[str, Any] = json.loads(content.prompts)
    checked = _checked(record, content)
    missing = missing_parts(checked)
    is_filled = request.args.get("sample") == "missing" and bool(missing)
    if is_filled:
        prompts = with_missing(prompts, json.loads(SAMPLE_PATH.read_text("utf-8")), missing)
    return render_template(
        "prompts/prompts.html",
        record=record,
        take_up=take_up_state(),
        values=by_places(prompts),
        variables=prompts.get("variables", {}),
        spoken=SPOKEN,
        told=TOLD,
        fillers=FILLERS,
        routing=ROUTING,
        talk={one: talk_field(one) for one in CONTROLS if one in prompts.get("small_talk", {})},
        missing=titles(missing),
        advice=advice_on_missing(missing, services().settings.prompts_file_path),
        is_filled=is_filled,
        wrong=[Problem(place, words) for place, words in wrong_variables(checked)],
    )


@blueprint.post("/logs-ui/prompts")
@key_required
def save() -> ResponseReturnValue:
    """Publish the form in place of release ``based_on``, or onto what others made of it.

    ``onto`` is the release whose changes the operator has been shown, ``keep`` whose words stay
    where both changed the same: ``mine`` or ``theirs``.
    """
    mine = prompts_of(request.form)
    if problems := problems_of(request.form, mine):
        return _refused(problems)
    record, content = in_service()
    side_by_side = edits(_before(), mine, json.loads(content.prompts))
    if side_by_side.their_changes:
        if request.form.get("onto", type=int) != record.number:
            return _overtaken(Overtaken(record, side_by_side))
        mine = side_by_side.together(keep_mine=request.form.get("keep") != "theirs")
    publish = partial(publisher().change_prompts, instead_of=content.prompts)
    try:
        published = publish(mine, author(), request.form.get("note", ""))
    except OvertakenError:  # between two lines of this function
        record, content = in_service()
        return _overtaken(Overtaken(record, edits(_before(), mine, json.loads(content.prompts))))
    toast_on_next_page("success", told(published))
    return go_to(url_for("prompts.page"))


def told(published: Published) -> str:
    """What has become of a publication, for operators."""
    number = published.record.number
    if not published.is_new:
        return f"Ничего не изменилось: выпуск {number} уже в работе и в точности таков."
    return f"Опубликован выпуск {number}. Строка наверху скажет, когда его услышат звонящие."


def _checked(record: ReleaseRecord, content: Content) -> Prompts:
    """The prompts in service; those of another version of the program may be unfit for this one."""
    try:
        return prompts_in(content.prompts, f"выпуск {record.number}")
    except KnowledgeError as error:
        path = services().settings.prompts_file_path
        raise KnowledgeError(
            f"Подсказки не подходят этой версии программы: {error}. Исправьте {path} по образцу "
            f"kb/{SAMPLE_PATH.name} и выполните python -m bot.index."
        ) from error


def titles(places: list[str] | tuple[str, ...]) -> list[str]:
    """What operators call these places, each once."""
    return list(dict.fromkeys(map(title_of, places)))


def _before() -> dict[str, Any]:
    """The prompts that the form was made from."""
    based_on = request.form.get("based_on", type=int)
    if based_on is None:
        raise ChangeError("Не сказано, какой выпуск правили. Откройте страницу заново.")
    return prompts_of_release(based_on)


def _refused(problems: list[Problem]) -> Response:
    """The form stays as it is; the page marks the places and goes to the first."""
    answer = make_response("", _REFUSED)
    answer.headers["HX-Reswap"] = "none"
    wrong = [{"place": one.place, "words": one.words} for one in problems]
    add_event(answer, "prompts-wrong", {"problems": wrong})
    lines = "\n".join(problem.told for problem in problems)
    return add_toast(answer, "error", f"Не сохранено, всё осталось в форме.\n{lines}")


def _overtaken(overtaken: Overtaken) -> Response:
    page_part = render_template("prompts/overtaken.html", overtaken=overtaken)
    return make_response(page_part, _CONFLICT)
