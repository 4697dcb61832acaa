"""Puts new forms of questions into the groups that they belong to by their meaning."""

from collections.abc import Callable
from typing import Final

import numpy as np

from bot.agent_setup import Answering
from bot.embeddings import Vectors
from webadmin.questions.meaning import are_one, may_be_another
from webadmin.questions.store import Form, QuestionStore

_AT_MOST: Final = 2_000
"""Forms in one go; the rest waits until the pages are looked at again."""
_LOOKED_AT: Final = 5
"""The nearest groups, of which a form may be one."""


def join_groups(store: QuestionStore, answering: Callable[[], Answering]) -> None:
    """Compare the forms that have not been compared yet.

    Raises :class:`bot.errors.AssistantError` while the embedder cannot be asked.
    """
    if not store.has_new():
        return
    parts = answering()
    model, background = parts.embedder.model_key, parts.releases.current().index.background
    groups = _Groups(*store.founders(model), background)
    for form in store.without_vector(model, _AT_MOST):
        if not may_be_another(form.example):
            store.put_vector(form, model, None, form.group)
            continue
        (vector,), _ = parts.embedder.query_vectors([form.example])
        store.put_vector(form, model, vector, groups.place(form, vector))


class _Groups:
    """The groups that are known, by their founders' vectors."""

    def __init__(self, founders: list[Form], vectors: Vectors, background: Vectors) -> None:
        self._founders = founders
        self._known = vectors
        self._new: list[Vectors] = []
        self._background = background

    def place(self, form: Form, vector: Vectors) -> int:
        """The group that a form belongs to; the form founds one if there is none."""
        for founder, its in self._nearest(vector):
            if are_one(form.example, founder.example, (vector, its), self._background):
                return founder.group
        self._founders.append(form)
        self._new.append(vector)
        return form.group

    def _nearest(self, vector: Vectors) -> list[tuple[Form, Vectors]]:
        cosines = self._cosines(vector)
        places = np.argsort(-cosines)[:_LOOKED_AT]
        return [(self._founders[place], self._vector(place)) for place in places]

    def _cosines(self, vector: Vectors) -> Vectors:
        parts = [self._known] if len(self._known) else []
        parts += [np.stack(self._new)] if self._new else []
        return np.concatenate([np.empty(0, np.float32), *(part @ vector for part in parts)])

    def _vector(self, place: int) -> Vectors:
        known = len(self._known)
        vector: Vectors = self._known[place] if place < known else self._new[place - known]
        return vector
