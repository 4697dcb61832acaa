"""The page of a draft: what it changes, how far its publication is, and what can be done."""

from dataclasses import replace

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from werkzeug.exceptions import NotFound

from bot.errors import BusyError, OvertakenError
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.extensions import htmx
from webadmin.knowledge.blueprint import blueprint, digest_of, drafts
from webadmin.knowledge.changing import start_publication
from webadmin.knowledge.draftstate import DraftState, state_of
from webadmin.knowledge.draftstore import Draft
from webadmin.redirecting import go_to
from webadmin.takenup import take_up_state
from webadmin.toasts import toast_on_next_page

_EDITS_MEET = "Правки задевают одни и те же строки: объединить их может только человек."


@blueprint.get("/logs-ui/knowledge/drafts/<draft_id>")
def draft(draft_id: str) -> ResponseReturnValue:
    """The page; for htmx the part of it that changes."""
    state = state_of(_draft_or_404(draft_id))
    context = {"state": state, "draft": state.draft, "take_up": take_up_state()}
    if htmx:
        return make_response(render_block("knowledge/draft.html", "state", **context))
    return render_template("knowledge/draft.html", **context)


@blueprint.post("/logs-ui/knowledge/drafts/<draft_id>/publish")
@key_required
def publish(draft_id: str) -> ResponseReturnValue:
    """Publish it; with ``over`` in place of what the base is in that release."""
    found = _idle(draft_id)
    over = request.form.get("over", type=int) or found.based_on
    if digest_of(found.kb, over) != state_of(found).record.files[f"{found.kb}.md"]:
        raise OvertakenError("Базу только что изменили ещё раз. Обновите страницу и сравните.")
    changed = replace(found, based_on=over, author=author())
    drafts().put(changed)
    start_publication(changed)
    return _to_page(changed)


@blueprint.post("/logs-ui/knowledge/drafts/<draft_id>/merge")
@key_required
def merge(draft_id: str) -> ResponseReturnValue:
    """Put into it what others have published meanwhile; it is shown before it is published."""
    state = state_of(_idle(draft_id))
    if state.together is None:
        raise OvertakenError(_EDITS_MEET)
    drafts().put(replace(state.draft, based_on=state.record.number, problem=""), state.together)
    toast_on_next_page("success", "Правки объединены. Проверьте и опубликуйте.")
    return _to_page(state.draft)


@blueprint.post("/logs-ui/knowledge/drafts/<draft_id>/discard")
@key_required
def discard(draft_id: str) -> ResponseReturnValue:
    """Forget it."""
    drafts().discard(_idle(draft_id))
    toast_on_next_page("success", "Правка отброшена. База осталась как была.")
    return go_to(url_for("knowledge.page"))


def _to_page(found: Draft) -> ResponseReturnValue:
    return go_to(url_for("knowledge.draft", draft_id=found.id))


def _idle(draft_id: str) -> Draft:
    """A draft that no job works on."""
    state: DraftState = state_of(_draft_or_404(draft_id))
    if state.stage == "working":
        raise BusyError("Эта правка сейчас публикуется. Дождитесь конца.")
    if state.stage == "published":
        raise BusyError(f"Эта правка уже опубликована: выпуск {state.draft.release}.")
    return state.draft


def _draft_or_404(draft_id: str) -> Draft:
    found = drafts().get(draft_id)
    if found is None:
        raise NotFound("Этой правки больше нет: её отбросили или она давно опубликована.")
    return found
