"""Bases from files: on the page with a look before publishing, for programs at once."""

import re
from pathlib import PurePosixPath, PureWindowsPath

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from bot.documents.kind import Kind, kind_of
from bot.documents.limits import MEGABYTE, UPLOAD_BYTES
from bot.errors import ChangeError, KnowledgeError
from bot.records import now
from bot.retrieval import Base
from bot.search.knowledge import check_base
from webadmin.api.inservice import in_service, publisher
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.jobs import accepted
from webadmin.knowledge.blueprint import KB, blueprint, drafts
from webadmin.knowledge.draftstore import Draft
from webadmin.knowledge.publishing import PUBLISHING, READING, FilePublication, FileReading
from webadmin.redirecting import go_to
from webadmin.services import services

_LONGEST_NAME = 100
_UNSHOWABLE = re.compile(r"[^\w .,()«»#№+=&@-]+")


@blueprint.post(f"/logs-ui/knowledge/{KB}/upload")
@key_required
def upload(kb: Base) -> ResponseReturnValue:
    """Begin to read a file; the draft it becomes is compared with the base before publishing."""
    name, data = _uploaded()
    record, _ = in_service()
    draft = Draft(kb, record.number, author(), now(), note=f"файл {name}", file_name=name)
    drafts().put(draft)
    work = FileReading(drafts(), draft, data)
    try:
        job = services().jobs.start(READING, draft.author, work, title=f"Чтение файла «{name}»")
    except ChangeError:
        drafts().discard(draft)
        raise
    drafts().change(draft.id, job=job.id)
    return go_to(url_for("knowledge.draft", draft_id=draft.id))


@blueprint.post("/kb/upload")
@key_required
def upload_general() -> ResponseReturnValue:
    """Publish a file as the general base."""
    return _publish_at_once("general")


@blueprint.post("/kb2/upload")
@key_required
def upload_tech() -> ResponseReturnValue:
    """Publish a file as the technical base."""
    return _publish_at_once("tech")


def _publish_at_once(kb: Base) -> ResponseReturnValue:
    """202 with the job. What can be told at once to be no base is refused at once."""
    name, data = _uploaded()
    work = FilePublication(publisher(), kb, name, author(), data)
    return accepted(
        services().jobs.start(PUBLISHING, work.author, work, title=f"Обновление БЗ ({kb})")
    )


def _uploaded() -> tuple[str, bytes]:
    """The file's name, fit to be shown, and its content; :class:`KnowledgeError` for no base."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("Файл не выбран: он ожидается в поле file (multipart/form-data).")
    name, data = shown_name(file.filename), file.read(UPLOAD_BYTES + 1)
    if len(data) > UPLOAD_BYTES:
        raise KnowledgeError(
            f"{name}: файл больше {UPLOAD_BYTES // MEGABYTE} МБ. "
            "Разделите его или уберите из него картинки."
        )
    try:
        if kind_of(name, data) is Kind.TEXT:
            check_base(data)
    except KnowledgeError as error:
        raise KnowledgeError(f"{name}: {error}") from error
    return name, data


def shown_name(file_name: str) -> str:
    """The last part of a file's name as it is shown and kept; never used as a path.

    Browsers send a name, programs anything at all. The end, which tells the kind, stays.
    """
    last = PureWindowsPath(PurePosixPath(file_name).name).name
    return _UNSHOWABLE.sub("_", last).strip()[-_LONGEST_NAME:] or "файл"
