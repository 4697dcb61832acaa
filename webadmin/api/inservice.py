"""The release in service, for routes that show what it is made of or publish another."""

from hashlib import sha256

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from bot.errors import AssistantError, KnowledgeError
from bot.releases.content import Content
from bot.releases.publisher import Publisher
from bot.releases.record import ReleaseRecord
from webadmin.services import services

RELEASE_HEADER = "X-Release"


class NothingInServiceError(AssistantError):
    """There is no release, or it is damaged."""

    status = 503


def in_service() -> tuple[ReleaseRecord, Content]:
    """The release in service and its content; raises :class:`NothingInServiceError`."""
    releases = services().releases
    try:
        record = releases.record(releases.require_in_service())
        return record, releases.content(record)
    except KnowledgeError as error:
        raise NothingInServiceError(str(error)) from error


def publisher() -> Publisher:
    """Publishes for this application."""
    return Publisher(services().settings)


def of_release(response: Response, number: int, shown: bytes) -> Response:
    """The response marked with its release, and 304 if the client has what it shows already."""
    response.headers[RELEASE_HEADER] = str(number)
    response.headers["Cache-Control"] = "no-cache"  # kept, but asked about each time
    response.set_etag(_tag(shown))
    response.make_conditional(request)
    return response


def check_unchanged(shown: bytes) -> None:
    """Return if ``shown`` is what the client says it changes, or it does not say.

    ``If-Match`` with the ETag of a GET keeps one from overwriting what somebody else has
    changed since then: 412.
    """
    if request.if_match and _tag(shown) not in request.if_match:
        raise PreconditionFailed(
            "Пока вы правили, это изменил кто-то другой. Прочитайте ещё раз и повторите правку."
        )


def _tag(shown: bytes) -> str:
    return sha256(shown).hexdigest()[:32]
