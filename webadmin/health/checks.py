"""What the admin cannot do without."""

from bot.errors import AssistantError
from bot.search.indexfiles import read_manifest
from webadmin.services import Services


def failed_checks(parts: Services) -> dict[str, str]:
    """What is wrong, by part: ``database``, ``index``, ``prompts``; empty when all is well."""
    checks = {
        "database": parts.call_log.check,
        "index": lambda: read_manifest(parts.settings.persist_directory),
        "prompts": parts.prompts.current,
    }
    failed = {}
    for part, check in checks.items():
        try:
            check()
        except AssistantError as error:
            failed[part] = str(error)
    return failed
