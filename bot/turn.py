"""One question on its way to an answer: what it needs, and what the bases hold for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.compound import parts_of, readings
from bot.deadline import Deadline
from bot.designations import products
from bot.embeddings import Vectors
from bot.embeddings.cached import CachedQueries
from bot.embeddings.inturn import NAME as EMBEDDINGS
from bot.errors import ProviderError
from bot.failover.budget import BEGIN_WITHIN_S, TurnBudget
from bot.followup import Asks, Vocabulary, resolve
from bot.llm import AnswerRequest, Exchange, Part
from bot.question import question_of
from bot.records import AnswerTrace, FoundPassage
from bot.release import Release
from bot.retrieval import Hit
from bot.routing import choose_base
from bot.search.partsearch import SearchedPart, find_each, merged
from bot.search.routedsearch import Found, Search, find


@dataclass
class Turn:
    """The question, its circumstances, and the passages once they were searched for.

    ``began`` is when the agent was asked, on its own clock (seconds).
    """

    text: str
    trace: AnswerTrace
    deadline: Deadline
    began: float
    release: Release
    query: str = ""
    """What is searched for: the question, with its subject when it left that open."""
    asks: Asks = "nothing"
    """What the question names besides the subject that it has from the dialogue."""
    history: Sequence[Exchange] = ()
    """Empty when the answer does not depend on it."""
    found: Found | None = None
    """``None`` until the bases were asked for this turn (a kept answer needs no asking)."""
    vector: Vectors = field(default_factory=lambda: np.empty(0, np.float32))
    """Of ``query``; empty until then, and when ``query`` is several questions."""
    parts: Sequence[Part] = ()
    """Of several questions asked in one breath, those that the bases answer."""
    budget: TurnBudget = field(default_factory=lambda: TurnBudget(BEGIN_WITHIN_S))

    def follow(self, history: Sequence[Exchange]) -> bool:
        """Take from the dialogue what the question leaves open; whether that was certain."""
        prompts = self.release.prompts
        topics = tuple(word for words in prompts.routing.values() for word in words)
        vocabulary = Vocabulary(topics, products(prompts.asr_terms))
        past = [replace(exchange, question=question_of(exchange.question)) for exchange in history]
        resolved = resolve(self.text, past, vocabulary)
        self.ask_for(resolved.query, resolved.asks)
        self.history = tuple(past) if resolved.query else ()
        return resolved.certain

    def ask_for(self, query: str, asks: Asks = "nothing") -> None:
        """Search for ``query``, or for the question itself if it is empty."""
        self.trace.rewritten = query
        self.query, self.asks = query or self.text, asks

    def search(self, embedder: CachedQueries, clock: Callable[[], float]) -> Found:
        """Ask the bases, and note in the trace how it went."""
        trace, live = self.trace, self.release.live
        speaks = self.query if self.asks == "nothing" else self.text
        route = choose_base(speaks, self.release.prompts.routing)
        if len(wanted := parts_of(self.query)) > 1:
            return self._note(self._search_each(wanted, embedder), clock)
        self.vector = self._vectors([self.query], embedder)[0]
        # «А гарантия?» is the same for every machine: there the subject, which the vector
        # has anyway, must not outweigh the topic (18 of 21 follow-ups right instead of 13).
        own_words_suffice = route.first == "general" and self.asks == "topic"
        words = self.text if own_words_suffice else self.query
        search = Search(words, self.vector, live.kb_top_k, live.kb_fallback_threshold)
        trace.first_base, trace.matched_words = route.first, route.matched_words
        return self._note(find(self.release.index, search, route), clock)

    def _search_each(self, wanted: Sequence[str], embedder: CachedQueries) -> Found:
        """Ask the bases each of several questions, all embedded in one request."""
        trace, live = self.trace, self.release.live
        texts = [text for part in wanted for text in readings(part, self.query)]
        vectors = self._vectors(texts, embedder)
        searches = {
            text: Search(text, vector, live.kb_top_k, live.kb_fallback_threshold)
            for text, vector in zip(texts, vectors, strict=True)
        }
        parts = [
            SearchedPart(
                choose_base(part, self.release.prompts.routing),
                *(searches[text] for text in readings(part, self.query)),
            )
            for part in wanted
        ]
        founds = find_each(self.release.index, parts)
        each = max(1, -(-live.kb_top_k // len(wanted)))
        self.parts = tuple(
            Part(part, found.hits[:each])
            for part, found in zip(wanted, founds, strict=True)
            if found.enough
        )
        trace.first_base = parts[0].route.first
        matched = [word for part in parts for word in part.route.matched_words]
        trace.matched_words = tuple(dict.fromkeys(matched))
        return merged(founds, each)

    def _vectors(self, texts: Sequence[str], embedder: CachedQueries) -> Sequence[Vectors]:
        """The vectors of some texts; empty ones when the embedder fails or is late."""
        try:
            vectors, asked = embedder.query_vectors(texts, self.budget.left_s("embedding"))
        except ProviderError as error:
            self.trace.by_letters = True
            self.trace.fallbacks.append(f"{EMBEDDINGS}: {error.kind}")
            return [np.empty(0, np.float32)] * len(texts)
        if asked:
            self.trace.requests["embedding"] = 1
        return vectors

    def _note(self, found: Found, clock: Callable[[], float]) -> Found:
        trace, self.found = self.trace, found
        trace.base_fallback, trace.scores = found.fell_back, dict(found.scores)
        trace.passages = tuple(_found_passage(hit) for hit in found.hits)
        trace.retrieval_ms = (clock() - self.began) * 1000.0
        return found

    @property
    def is_makeshift(self) -> bool:
        """Whether the answer would have been another one if no service had failed."""
        return self.trace.by_letters or bool(self.trace.continued_by)

    def request(self) -> AnswerRequest:
        """What the generator gets."""
        prompts, live = self.release.prompts, self.release.live
        return AnswerRequest(
            question=self.text,
            history=self.history,
            hits=self.found.hits if self.found else (),
            system_prompt=prompts.system_prompt,
            no_answer=prompts.no_answer,
            models=live.models,
            temperature=live.llm_temperature,
            contextualiser_prompt=prompts.contextualiser_prompt,
            query=self.query,
            parts=self.parts,
            begin_within_s=self.budget.left_s("writing"),
        )


def _found_passage(hit: Hit) -> FoundPassage:
    heading = hit.passage.heading_path[-1] if hit.passage.heading_path else ""
    return FoundPassage(hit.passage.kb, heading, hit.relevance)
