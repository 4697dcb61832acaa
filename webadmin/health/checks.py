"""What the admin cannot do without."""

from collections.abc import Callable

from bot.errors import AssistantError
from bot.prompts import read_prompts
from bot.releases.store import ReleaseStore
from webadmin.services import Services


def failed_checks(parts: Services) -> dict[str, str]:
    """What is wrong, by part: ``database``, ``index``, ``prompts``; empty when all is well."""
    checks: dict[str, Callable[[], object]] = {
        "database": parts.call_log.check,
        "index": lambda: _check_release(parts.releases),
        "prompts": lambda: read_prompts(parts.settings.prompts_file_path),
    }
    failed = {}
    for part, check in checks.items():
        try:
            check()
        except AssistantError as error:
            failed[part] = str(error)
    return failed


def _check_release(releases: ReleaseStore) -> None:
    """The release in service is whole, and its index is there."""
    record = releases.record(releases.require_in_service())
    releases.content(record)
    releases.builds.manifest(record.build_id)
