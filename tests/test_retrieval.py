"""Search in a built index, whatever model made it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openai
import pytest

from bot.embeddings import Embedder
from bot.embeddings.local import LocalEmbedder
from bot.embeddings.openai import OpenAIEmbedder
from bot.errors import KnowledgeError
from bot.golden import GoldenQuestion, is_held_out
from bot.records import now
from bot.retrieval import BASES, SEARCHED_ROWS, Base, Index
from bot.routing import Route
from bot.search.builds import Builds, digests_of
from bot.search.routedsearch import Found, Search, find
from tests.lab.openai_server import KEY, OpenAIServer

GENERAL = """# База
## Гарантия
Гарантия на машины составляет 24 месяца. Продлить её можно до трёх лет.
<<->>
## Доставка
Доставляем по всей России. Груз застрахован.
## Оплата
Аванс 50 процентов, остаток перед отгрузкой.
"""
TECH = """# Техника
## Захваты
Для плёнки подходят пневматические захваты. Клиновые берут для металла.
## Питание
Машина питается от трёхфазной сети. Напряжение 380 В.
"""
QUESTIONS: tuple[tuple[str, Base, str], ...] = (
    ("какая гарантия на машину", "general", "Гарантия"),
    ("вы доставляете в Россию", "general", "Доставка"),
    ("сколько процентов аванс", "general", "Оплата"),
    ("какие захваты подходят для плёнки", "tech", "Захваты"),
    ("какое напряжение питания", "tech", "Питание"),
)


@dataclass(frozen=True)
class Searched:
    index: Index
    embedder: Embedder


def built(folder: Path, embedder: Embedder, general: str = GENERAL, tech: str = TECH) -> Searched:
    builds = Builds(folder)
    build_id = builds.make({"general": general, "tech": tech}, embedder, now()).build_id
    return Searched(builds.load(build_id, embedder.model_key), embedder)


@pytest.fixture(scope="module")
def openai_server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


def remote(server: OpenAIServer, dimensions: int | None = 256) -> OpenAIEmbedder:
    client = openai.OpenAI(api_key=KEY, base_url=server.base_url, max_retries=0)
    return OpenAIEmbedder(client, dimensions=dimensions)


@pytest.fixture(scope="module", params=["local", "openai"])
def searched(
    request: pytest.FixtureRequest,
    openai_server: OpenAIServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Searched:
    embedder: Embedder = LocalEmbedder() if request.param == "local" else remote(openai_server)
    return built(tmp_path_factory.mktemp(request.param), embedder)


@pytest.mark.parametrize(("question", "kb", "heading"), QUESTIONS)
def test_the_answering_section_comes_first_and_is_relevant(
    searched: Searched, question: str, kb: Base, heading: str
) -> None:
    vector = searched.embedder.embed_query(question)
    best = searched.index.search(vector, question, 3)[kb][0]
    assert best.passage.heading_path[-1] == heading
    assert best.passage.kb == kb
    assert best.relevance >= 0.2


@pytest.mark.parametrize(("question", "kb", "heading"), QUESTIONS)
def test_the_other_base_is_less_relevant(
    searched: Searched, question: str, kb: Base, heading: str
) -> None:
    vector = searched.embedder.embed_query(question)
    hits = searched.index.search(vector, question, 1)
    best = {base: hits[base][0].relevance for base in BASES}
    assert max(best, key=lambda base: best[base]) == kb


def best_of(searched: Searched, question: str) -> float:
    vector = searched.embedder.embed_query(question)
    return max(searched.index.search(vector, question, 1)[kb][0].relevance for kb in BASES)


def test_an_everyday_question_is_less_relevant_than_any_that_is_answered(
    searched: Searched,
) -> None:
    everyday = best_of(searched, "какая погода будет завтра вечером в Сочи")
    assert everyday < min(best_of(searched, question) for question, _, _ in QUESTIONS)


def test_each_sentence_of_a_hit_says_how_near_the_question_it_is(searched: Searched) -> None:
    question = "какие захваты подходят для плёнки"
    vector = searched.embedder.embed_query(question)
    hit = searched.index.search(vector, question, 1)["tech"][0]
    assert len(hit.sentence_scores) == len(hit.passage.sentences) == 2
    assert hit.sentence_scores[0] > hit.sentence_scores[1]


def test_hits_come_best_first_and_no_more_than_there_are(searched: Searched) -> None:
    vector = searched.embedder.embed_query("гарантия")
    hits = searched.index.search(vector, "гарантия", 50)["general"]
    assert len(hits) == 3
    assert [hit.relevance for hit in hits] == sorted((h.relevance for h in hits), reverse=True)
    assert len(searched.index.search(vector, "гарантия", 2)["general"]) == 2


@pytest.mark.parametrize("question", ["", " ", "?", "a" * 5000, "\0", "😀"])
def test_any_question_can_be_asked(searched: Searched, question: str) -> None:
    vector = searched.embedder.embed_query(question)
    for hit in searched.index.search(vector, question, 3)["tech"]:
        assert 0 <= hit.relevance <= 1


def test_a_vector_of_another_model_is_refused(searched: Searched) -> None:
    with pytest.raises(KnowledgeError, match=r"python -m bot\.index"):
        searched.index.search(np.zeros(7, np.float32), "вопрос", 1)


def test_threads_that_search_at_once_get_what_one_gets_alone(searched: Searched) -> None:
    asked = [question for question, _, _ in QUESTIONS] * 8

    def ask(question: str) -> list[tuple[int, float]]:
        vector = searched.embedder.embed_query(question)
        hits = searched.index.search(vector, question, 3)["general"]
        return [(hit.passage.start, hit.relevance) for hit in hits]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(ask, asked))
    assert together == [ask(question) for question in asked]


def test_in_a_base_of_more_rows_than_are_looked_at_the_right_passage_is_found(
    openai_server: OpenAIServer, tmp_path: Path
) -> None:
    sections = [
        f"## Изделие {number}\nИзделие номер {number} стоит {number * 7} рублей. Оно хранится на "
        f"полке {number % 17}. Спросите о нём на складе {number % 5}.\n"
        for number in range(SEARCHED_ROWS // 3)
    ]
    special = "## Верблюды\nВерблюжьи сёдла шьём из войлока. Кожа для сёдел из Монголии.\n"
    sections.insert(200, special)
    large = built(tmp_path, remote(openai_server), "".join(sections))
    assert large.index.bases["general"].rows.ntotal > SEARCHED_ROWS
    question = "из чего шьют верблюжьи сёдла"
    vector = large.embedder.embed_query(question)
    hits = large.index.search(vector, question, 3)["general"]
    assert hits[0].passage.heading_path[-1] == "Верблюды"
    assert hits[0].relevance > hits[1].relevance


def found(searched: Searched, question: str, first: Base, threshold: float = 0.2) -> Found:
    search = Search(question, searched.embedder.embed_query(question), 3, threshold)
    return find(searched.index, search, Route(first, ()))


@pytest.mark.parametrize("first", BASES)
def test_the_base_that_answers_is_chosen_whichever_is_asked_first(
    searched: Searched, first: Base
) -> None:
    for question, kb, _ in QUESTIONS:
        one = found(searched, question, first)
        assert (one.base, one.fell_back, one.enough) == (kb, kb != first, True)
        assert {hit.passage.kb for hit in one.hits} == {kb}


def test_the_record_of_a_choice_has_the_best_score_of_each_base(searched: Searched) -> None:
    one = found(searched, "какая гарантия на машину", "general")
    assert one.scores.keys() == set(BASES)
    assert one.scores["general"] == one.hits[0].relevance > one.scores["tech"]


def test_the_base_asked_first_wins_when_the_other_is_not_better(
    openai_server: OpenAIServer, tmp_path: Path
) -> None:
    same = built(tmp_path, remote(openai_server), GENERAL, GENERAL)
    for first in BASES:
        one = found(same, "какая гарантия на машину", first)
        assert (one.base, one.fell_back) == (first, False)


def test_below_the_threshold_nothing_is_found(searched: Searched) -> None:
    assert not found(searched, "какая погода будет завтра вечером в Сочи", "general").enough
    assert not found(searched, "какая гарантия на машину", "general", threshold=1.0).enough


def test_what_is_said_twice_is_found_once(openai_server: OpenAIServer, tmp_path: Path) -> None:
    again = "## Ещё раз о гарантии\nГарантия на *машины* составляет 24 месяца!\n"
    twice = built(tmp_path, remote(openai_server), GENERAL + again)
    question = "какая гарантия на машину"
    hits = twice.index.search(twice.embedder.embed_query(question), question, 20)["general"]
    assert [hit.passage.heading for hit in hits].count("Гарантия") == 1
    assert "Ещё раз о гарантии" not in [hit.passage.heading for hit in hits]


def test_golden_questions_of_other_bases_do_not_matter(
    openai_server: OpenAIServer, tmp_path: Path
) -> None:
    builds, embedder = Builds(tmp_path), remote(openai_server)
    texts: dict[Base, str] = {"general": GENERAL, "tech": TECH}
    golden = tuple(
        GoldenQuestion(
            id=f"q{n}", kind="plain", question=f"вопрос {n}", base="tech", headings=("Чужой",)
        )
        for n in range(100)
    )
    scales = [
        builds.load(
            builds.make(texts, embedder, now(), golden=some).build_id, embedder.model_key
        ).scale
        for some in ((), golden)
    ]
    assert scales[0] == scales[1]


def test_another_golden_question_makes_another_build_unless_it_is_held_out() -> None:
    texts: dict[Base, str] = {"general": GENERAL, "tech": TECH}
    asked = [
        GoldenQuestion(id=f"q{n}", kind="off_topic", question=f"вопрос {n}") for n in range(10)
    ]
    fitted = [one for one in asked if not is_held_out(one)]
    assert 0 < len(fitted) < len(asked)
    assert digests_of(texts) != digests_of(texts, fitted[:1]) != digests_of(texts, fitted)
    assert digests_of(texts, fitted) == digests_of(texts, asked)
