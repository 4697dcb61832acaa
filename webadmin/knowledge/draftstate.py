"""How a draft stands beside the base in service."""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

from bot.releases.comparing import summary
from bot.releases.content import Content
from bot.releases.record import ReleaseRecord
from bot.releases.store import ReleaseStore
from webadmin.api.inservice import in_service
from webadmin.difference import ShownDifference, shown_differences
from webadmin.jobrecords import Job
from webadmin.knowledge.blueprint import digest_of, drafts
from webadmin.knowledge.checks import warnings_of
from webadmin.knowledge.draftstore import Draft
from webadmin.knowledge.merging import merged
from webadmin.knowledge.rendering import Rendered, render
from webadmin.services import services

Stage = Literal["working", "published", "unread", "overtaken", "ready"]


@dataclass(frozen=True)
class DraftState:
    """A draft, the job that worked on it last, and the release in service."""

    draft: Draft
    text: str
    job: Job | None
    record: ReleaseRecord
    content: Content
    releases: ReleaseStore

    @property
    def stage(self) -> Stage:
        """What can be done with it: nothing yet, nothing more, or a choice."""
        if self.job and not self.job.has_ended:
            return "working"
        if self.draft.release:
            return "published"
        if not self.draft.has_text:
            return "unread"
        name = f"{self.draft.kb}.md"
        is_overtaken = digest_of(self.draft.kb, self.draft.based_on) != self.record.files[name]
        return "overtaken" if is_overtaken else "ready"

    @property
    def problem(self) -> str:
        """Why the last attempt came to nothing, if it did."""
        has_failed = self.job is not None and self.job.state in ("failed", "interrupted")
        return self.draft.problem or (self.job.message if self.job and has_failed else "")

    @cached_property
    def changes(self) -> list[ShownDifference]:
        """From the base in service to the draft."""
        return shown_differences(self.content, self._with(self.text))

    @property
    def summary(self) -> str:
        """The same in a line."""
        return "; ".join(summary(self.content, self._with(self.text)))

    @cached_property
    def theirs(self) -> list[ShownDifference]:
        """From the text that the draft was made from to the base in service."""
        return shown_differences(self._with(self._original), self.content)

    @property
    def others(self) -> list[ReleaseRecord]:
        """The releases that changed the base since, the oldest first."""
        name, since = f"{self.draft.kb}.md", []
        for record in self.releases.records():
            if record.number <= self.record.number:
                since.append(record)
            if record.number <= self.draft.based_on:
                break
        found = [new for new, old in pairwise(since) if new.files[name] != old.files[name]]
        return found[::-1]

    @cached_property
    def together(self) -> str | None:
        """The draft with what others changed meanwhile; ``None`` if the edits meet."""
        return merged(self._original, self.text, self.content.bases[self.draft.kb])

    @property
    def warnings(self) -> list[str]:
        """What may be wrong with the text."""
        return warnings_of(self.text)

    @property
    def rendered(self) -> Rendered:
        """The text as it will be read."""
        return render(self.text)

    @cached_property
    def _original(self) -> str:
        record = self.releases.record(self.draft.based_on)
        return self.releases.content(record).bases[self.draft.kb]

    def _with(self, text: str) -> Content:
        return replace(self.content, bases={**self.content.bases, self.draft.kb: text})


def state_of(draft: Draft) -> DraftState:
    """How it stands now."""
    record, content = in_service()
    job = services().jobs.get(draft.job) if draft.job else None
    text = drafts().text(draft)
    return DraftState(draft, text, job, record, content, services().releases)
