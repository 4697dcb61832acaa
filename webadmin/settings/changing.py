"""Settings made a release: in place of those that the operator saw, and of no others."""

from dataclasses import dataclass

from bot.errors import OvertakenError
from bot.livesettings import LiveSettings, live_settings
from bot.releases.content import Content
from bot.releases.publisher import Published
from bot.releases.record import ReleaseRecord
from webadmin.api.inservice import in_service, publisher
from webadmin.author import author
from webadmin.services import services


@dataclass(frozen=True)
class Served:
    """The settings in service, and the release they belong to."""

    record: ReleaseRecord
    content: Content
    live: LiveSettings


def served() -> Served:
    """The settings in service; raises :class:`webadmin.api.inservice.NothingInServiceError`."""
    record, content = in_service()
    return Served(record, content, live_settings(services().settings, content.settings))


def settings_of(number: int) -> LiveSettings:
    """The settings of a release; raises what :meth:`ReleaseStore.record` does."""
    store = services().releases
    content = store.content(store.record(number))
    return live_settings(services().settings, content.settings)


def publish(wanted: LiveSettings, seen: int, note: str = "") -> Published:
    """Publish settings in place of those of the release ``seen``.

    A value that is the environment's is not written down: it follows ``.env``. Raises
    :class:`bot.errors.OvertakenError` when other settings are in service by now.
    """
    now = served()
    if settings_of(seen) != now.live:
        raise OvertakenError("пока вы правили, настройки изменил кто-то другой")
    environment = live_settings(services().settings, {}).model_dump()
    changes = {
        name: None if value == environment[name] else value
        for name, value in wanted.model_dump().items()
    }
    return publisher().change_settings(changes, author(), note, instead_of=now.content.settings)
