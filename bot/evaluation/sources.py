"""The text that answers are held against: what stands under each heading of a release's bases."""

from bot.evaluation.measures import Texts
from bot.releases.content import Content
from bot.releases.store import ReleaseStore
from bot.retrieval import Base
from bot.search.knowledge import chunks, prepare
from bot.search.passages import passages


class Sources:
    """The bases of every release that answers during an evaluation, each read once."""

    def __init__(self, store: ReleaseStore) -> None:
        self._store = store
        self._read: dict[int, Texts] = {}

    def of(self, release: int) -> Texts:
        """The texts of a release; raises what :meth:`ReleaseStore.content` raises."""
        if release not in self._read:
            self._read[release] = texts_of(self._store.content(self._store.record(release)))
        return self._read[release]


def texts_of(content: Content) -> Texts:
    """What stands under each heading, the headings above it included."""
    texts: dict[tuple[Base, str], str] = {}
    for kb, markdown in content.bases.items():
        prepared = prepare(markdown)
        for passage in passages(prepared, kb, chunks(prepared, kb)):
            place = (kb, passage.heading_path[-1] if passage.heading_path else "")
            headings = "\n".join(passage.heading_path)
            texts[place] = f"{texts.get(place, headings)}\n{passage.text}"
    return texts
