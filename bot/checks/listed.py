"""The checks there are, in the order in which a cause comes before what it breaks."""

from bot.checks.check import Check
from bot.checks.models import EMBEDDINGS, RECOGNITION, model_checks
from bot.checks.recordings import recordings_check
from bot.checks.storage import DATABASE, INDEX, PROMPTS, REDIS
from bot.checks.telephony import ASTERISK, METRICS, WORKER
from bot.checks.voices import voice_checks
from bot.errors import AssistantError
from bot.livesettings import live_settings
from bot.releases.store import ReleaseStore
from bot.settings import Settings


def checks_of(settings: Settings) -> tuple[Check, ...]:
    """Every check; those with :attr:`Check.unused` have nothing to look at now."""
    return (
        ASTERISK, WORKER, METRICS, REDIS, DATABASE, PROMPTS, EMBEDDINGS, INDEX, RECOGNITION,
        *model_checks(settings), *voice_checks(settings), recordings_check(settings),
    )  # fmt: skip


def as_in_service(settings: Settings) -> Settings:
    """The settings with what operators changed in the release in service.

    Without a release that can be read, which :data:`INDEX` tells, the environment's alone.
    """
    store = ReleaseStore(settings.persist_directory)
    try:
        content = store.content(store.record(store.require_in_service()))
        live = live_settings(settings, content.settings)
    except AssistantError:
        return settings
    return settings.model_copy(update=live.model_dump())
