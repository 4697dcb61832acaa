"""Editing a base on its page: the form, the preview beside it, and saving."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from bot.documents.limits import MARKDOWN_BYTES
from bot.errors import ChangeError, KnowledgeError
from bot.records import now
from bot.releases.record import signed
from bot.retrieval import Base
from bot.search.knowledge import check_base
from webadmin.api.inservice import in_service
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.knowledge.blueprint import KB, blueprint, digest_of, drafts
from webadmin.knowledge.changing import start_publication
from webadmin.knowledge.checks import warnings_of
from webadmin.knowledge.draftstore import Draft
from webadmin.knowledge.publishing import too_long_words
from webadmin.knowledge.rendering import render
from webadmin.knowledge.sections import Section, find_section, sections_of
from webadmin.redirecting import go_to

_REPLACED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Editor:
    """The form of a base: its text, and where the operator wants to begin."""

    kb: Base
    text: str
    based_on: int
    draft: str = ""
    note: str = ""
    caret: int = 0
    """Offset in UTF-16 code units, as browsers count."""
    anchor: str = ""
    """The place of the section in the preview."""
    missing: str = ""
    """A heading that was asked for and is not there."""


@blueprint.get(f"/logs-ui/knowledge/{KB}/edit")
def edit(kb: Base) -> ResponseReturnValue:
    """The form, at the section ``?heading=`` (title or slug), or with a draft's text."""
    editor = _of_draft(kb) if request.args.get("draft") else _of_base(kb)
    return render_template("knowledge/edit.html", editor=editor, **_seen(editor.text))


@blueprint.post(f"/logs-ui/knowledge/{KB}/preview")
def preview(kb: Base) -> ResponseReturnValue:
    """How the text in the form will be read, and what may be wrong with it."""
    return render_template("knowledge/preview.html", **_seen(_text_of_form()))


@blueprint.post(f"/logs-ui/knowledge/{KB}/edit")
@key_required
def save(kb: Base) -> ResponseReturnValue:
    """Keep the text as a draft and publish it, unless the base was changed meanwhile."""
    text = _text_of_form()
    if problem := _problem_of(text):
        raise KnowledgeError(f"Не сохранено: {problem}.")
    based_on = request.form.get("based_on", type=int)
    if based_on is None:
        raise ChangeError("Не сказано, какой выпуск правили. Откройте правку заново.")
    digest = digest_of(kb, based_on)
    by = signed(author(), request.form.get("note", ""))
    known = drafts().get(request.form.get("draft", ""))
    draft = Draft(kb, based_on, by.name, now(), note=by.note)
    if known and known.kb == kb and not known.release:
        draft = Draft(kb, based_on, by.name, now(), known.id, by.note, known.file_name)
    draft = drafts().put(draft, text)
    current, _ = in_service()
    if digest == current.files[f"{kb}.md"]:
        _publish(draft, is_new=known is None)
    return go_to(url_for("knowledge.draft", draft_id=draft.id))


def _publish(draft: Draft, *, is_new: bool) -> None:
    try:
        start_publication(draft)
    except ChangeError:
        if is_new:  # the text is still in the form, and will come again
            drafts().discard(draft)
        raise


def _of_base(kb: Base) -> Editor:
    record, content = in_service()
    text = _of_form_size(content.bases[kb])
    wanted = request.args.get("heading", "")
    section = find_section(sections_of(text), wanted) if wanted else None
    if section is None:
        return Editor(kb, text, record.number, missing=wanted)
    return Editor(kb, text, record.number, caret=_caret(text, section), anchor=section.anchor)


def _of_draft(kb: Base) -> Editor:
    """A draft's text; with ``?onto=`` it is meant for that release, as its difference was seen."""
    draft = drafts().get(request.args["draft"])
    if draft is None or draft.kb != kb or not draft.has_text:
        raise NotFound("Этой правки больше нет: она опубликована или отброшена.")
    based_on = request.args.get("onto", type=int) or draft.based_on
    digest_of(kb, based_on)
    return Editor(kb, drafts().text(draft), based_on, draft.id, draft.note)


def _caret(text: str, section: Section) -> int:
    return len(text[: section.start].encode("utf-16-le")) // 2


def _text_of_form() -> str:
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    return _of_form_size(text)


def _of_form_size(text: str) -> str:
    if len(text.encode(errors="surrogatepass")) > MARKDOWN_BYTES:
        raise RequestEntityTooLarge(too_long_words())
    return text


def _problem_of(text: str) -> str:
    """Why a text cannot be a base; empty when it can."""
    if not text.strip():
        return "текст пуст"
    if _REPLACED in text:
        return f"в тексте есть нечитаемый знак {_REPLACED}, исправьте это место"
    try:
        check_base(text.encode(errors="surrogatepass"))
    except KnowledgeError as error:
        return str(error)
    return ""


def _seen(text: str) -> dict[str, object]:
    """What the preview shows of a text."""
    problem = _problem_of(text)
    warnings = [] if problem else warnings_of(text)
    return {"problem": problem, "warnings": warnings, "rendered": render(text)}
