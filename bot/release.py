"""What answers a turn: one numbered state of the bases, the prompts and the live settings."""

from dataclasses import dataclass
from typing import Protocol

from bot.livesettings import LiveSettings
from bot.prompts import Prompts
from bot.search.routedsearch import SearchableIndex


@dataclass(frozen=True)
class Release:
    """Everything operators can change, as it stood when it was published. Never changes."""

    number: int
    index: SearchableIndex
    prompts: Prompts
    live: LiveSettings


class ReleaseSource(Protocol):
    """Hands out the release in service; a new one is handed out from the next turn on."""

    def current(self) -> Release:
        """The release for a turn that starts now; :class:`bot.errors.KnowledgeError` if none."""
        ...


@dataclass(frozen=True)
class PromptsInService:
    """The prompts alone, for those who need nothing else of a release."""

    releases: ReleaseSource

    def current(self) -> Prompts:
        """The prompts of the release in service; raises as :meth:`ReleaseSource.current`."""
        return self.releases.current().prompts
