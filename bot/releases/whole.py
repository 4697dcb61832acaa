"""Releases that are as they were published: the one in service, and the last one that is whole."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import KnowledgeError
from bot.releases.content import Content
from bot.releases.record import ReleaseRecord
from bot.releases.store import ReleaseStore


@dataclass(frozen=True)
class Whole:
    """A release with its content."""

    record: ReleaseRecord
    content: Content


def whole_in_service(store: ReleaseStore) -> Whole:
    """The release in service; raises :class:`KnowledgeError` when it is damaged or not there."""
    record = store.record(store.require_in_service())
    return Whole(record, store.content(record))


def last_whole(store: ReleaseStore) -> Whole | None:
    """The release in service; if that is damaged, the last one before it that is whole."""
    for record in served(store):
        try:
            return Whole(record, store.content(record))
        except KnowledgeError:
            continue
    return None


def served(store: ReleaseStore) -> Iterator[ReleaseRecord]:
    """The release in service and those before it; all if nobody knows which is in service."""
    last = store.in_service()
    return (record for record in store.records() if not last or record.number <= last)
