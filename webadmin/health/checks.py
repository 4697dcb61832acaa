"""What the admin cannot do without."""

from pathlib import Path

from bot.errors import AssistantError, KnowledgeError
from webadmin.services import Services


def failed_checks(parts: Services) -> dict[str, str]:
    """What is wrong, by part: ``database``, ``index``, ``prompts``; empty when all is well."""
    checks = {
        "database": parts.call_log.check,
        "index": lambda: _check_index(parts.settings.persist_directory),
        "prompts": parts.prompts.current,
    }
    failed = {}
    for part, check in checks.items():
        try:
            check()
        except AssistantError as error:
            failed[part] = str(error)
    return failed


def _check_index(folder: Path) -> None:
    if not any(folder.glob("[!.]*")):
        raise KnowledgeError("the index is not built: run python -m bot.index")
