"""``GET /kb`` and ``GET /kb2``: the Markdown of the bases that callers are answered from."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from bot.retrieval import Base
from webadmin.api.inservice import in_service, of_release

blueprint = Blueprint("bases", __name__)


@blueprint.get("/kb")
def general() -> ResponseReturnValue:
    """The general base."""
    return _markdown("general")


@blueprint.get("/kb2")
def tech() -> ResponseReturnValue:
    """The technical base."""
    return _markdown("tech")


def _markdown(kb: Base) -> Response:
    record, content = in_service()
    text = content.bases[kb].encode()
    response = Response(text, content_type="text/markdown; charset=utf-8")
    return of_release(response, record.number, text)
