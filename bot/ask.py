"""Typed questions to the assistant: ``python -m bot.ask "вопрос"``, or a dialogue without one."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from bot.agent import Agent
from bot.agent_setup import build_agent
from bot.deadline import Deadline
from bot.errors import AssistantError
from bot.llm import Exchange
from bot.metrics import Metrics
from bot.normalize import normalize
from bot.question import question_of
from bot.records import AnswerTrace
from bot.settings import load_settings

ANSWER_DEADLINE_S = 60.0
_BASE_NAMES = {"general": "общая база", "tech": "техническая база"}


@dataclass(frozen=True)
class Answered:
    """One typed question and what became of it. ``total_ms`` is until the last sentence."""

    question: str
    sentences: tuple[str, ...]
    trace: AnswerTrace
    first_sentence_ms: float | None
    total_ms: float

    @property
    def text(self) -> str:
        """The whole answer."""
        return " ".join(self.sentences)


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer and return the exit code: 1 when a question could not be answered for a failure."""
    options = _parse(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        agent = build_agent(load_settings(options.env_file), Metrics(CollectorRegistry()))
        if options.question:
            _print(ask(agent, (), " ".join(options.question)), as_json=options.json)
            return 0
        return _dialogue(agent, as_json=options.json)
    except AssistantError as error:
        print(f"bot.ask: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left unwritten
        print(f"bot.ask: ответ не записан: {error.strerror}", file=sys.stderr)
        return 1


def ask(agent: Agent, history: Sequence[Exchange], question: str) -> Answered:
    """The complete answer to a question as it was typed; raises :class:`AssistantError`."""
    trace, text = AnswerTrace(), normalize(question_of(question))
    began, first_ms = time.perf_counter(), None
    sentences: list[str] = []
    for sentence in agent.answer(history, text, trace, Deadline(ANSWER_DEADLINE_S)):
        first_ms = first_ms or _ms_since(began)
        sentences.append(sentence.text)
    return Answered(text, tuple(sentences), trace, first_ms, _ms_since(began))


def _dialogue(agent: Agent, *, as_json: bool) -> int:
    """Questions from standard input until its end or goodbye; a failed one does not end it.

    As on the telephone, small talk is no part of the dialogue that questions follow on.
    """
    history: list[Exchange] = []
    code = 0
    while (question := _read_question()) is not None:
        if not question.strip():
            continue
        try:
            answered = ask(agent, history, question)
        except AssistantError as error:
            print(f"bot.ask: {error}", file=sys.stderr)
            code = 1
            continue
        _print(answered, as_json=as_json)
        if answered.trace.control == "goodbye":
            break
        if not answered.trace.control:
            history.append(Exchange(answered.question, answered.text, answered.sentences))
    return code


def _read_question() -> str | None:
    """The next line, ``None`` at the end (Ctrl-D) or when interrupted (Ctrl-C)."""
    prompt = "вопрос> " if sys.stdin.isatty() else ""
    try:
        return input(prompt)
    except (EOFError, KeyboardInterrupt):
        if prompt:
            print()
        return None


def _print(answered: Answered, *, as_json: bool) -> None:
    print(_as_json(answered) if as_json else _as_text(answered), flush=True)


def _as_json(answered: Answered) -> str:
    trace = asdict(answered.trace)
    times = {
        "retrieval": trace.pop("retrieval_ms"),
        "llm_first_token": trace.pop("llm_first_token_ms"),
        "first_sentence": answered.first_sentence_ms,
        "total": answered.total_ms,
    }
    rounded = {name: None if ms is None else round(ms, 1) for name, ms in times.items()}
    row = {
        "question": answered.question,
        "answer": answered.text,
        "sentences": answered.sentences,
        "source": trace.pop("source"),
        "passages": trace.pop("passages"),
        "timings_ms": rounded,
        "trace": trace,
    }
    return json.dumps(row, ensure_ascii=False)


def _as_text(answered: Answered) -> str:
    trace = answered.trace
    lines = [answered.text, "", f"источник: {_source(trace)}"]
    if trace.rewritten:
        lines.append(f"искали: {trace.rewritten}")
    for passage in trace.passages:
        lines.append(f"  {passage.relevance:.2f}  {passage.kb:<7}  {passage.heading}")
    lines += [f"не ответило: {failure}" for failure in trace.fallbacks]
    return "\n".join([*lines, f"время: {_times(answered)}"])


def _source(trace: AnswerTrace) -> str:
    if trace.control:
        return f"подсказки ({trace.control})"
    if trace.source is None:
        return "нет (в базах ответа не нашлось)"
    details = [trace.source, trace.model]
    if trace.base_fallback:
        details.append(f"первой спрошена {trace.first_base}")
    if trace.cached:
        details.append("из кэша")
    return f"{_BASE_NAMES[trace.source]} ({', '.join(filter(None, details))})"


def _times(answered: Answered) -> str:
    named = {
        "поиск": answered.trace.retrieval_ms,
        "первое слово": answered.trace.llm_first_token_ms,
        "первое предложение": answered.first_sentence_ms,
        "всего": answered.total_ms,
    }
    return ", ".join(f"{name} {ms:.0f} мс" for name, ms in named.items() if ms is not None)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000.0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.ask", description=__doc__)
    parser.add_argument("question", nargs="*", help="вопрос; без него — диалог, Ctrl-D кончает")
    parser.add_argument("--json", action="store_true", help="один JSON на ответ")
    parser.add_argument("--env-file", type=Path, default=Path(".env"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
