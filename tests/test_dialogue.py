"""What a call's record keeps of a reply: when each stage began, and what failed."""

from dataclasses import asdict

from prometheus_client import CollectorRegistry

from bot.deadline import Deadline
from bot.dialogue import Dialogue, Reply
from bot.jobs import Recognition, Utterance
from bot.metrics import Metrics
from bot.records import BotLine, Failure, Line, line_as_json

HEARD = Recognition(1, "какая гарантия", "Какая гарантия?", "openai", 300.0, began_at=10.3)


def answer_reply() -> Reply:
    """The caller's voice ended at 10.0, the first sound of the answer was there at 11.2."""
    utterance = Utterance(Deadline(20), tts_first_audio_ms=200.0, asked_at=10.6, tts_began_at=11.0)
    utterance.trace.source = "general"
    utterance.trace.retrieval_ms, utterance.trace.llm_first_token_ms = 40.0, 350.0
    return Reply(
        utterance, "answer", HEARD, released=True, voice_ended_at=10.0, first_audio_at=11.2,
        endpoint_ms=900.0,
    )  # fmt: skip


def recorded(reply: Reply, heard: str | None = None) -> BotLine:
    lines: list[Line] = []
    dialogue = Dialogue(1, Metrics(CollectorRegistry()), lines.append)
    dialogue.said(reply, ("Два года.",), heard)
    (line,) = lines
    assert isinstance(line, BotLine)
    return line


def test_each_stage_begins_where_it_began_after_the_callers_last_word() -> None:
    line = recorded(answer_reply())
    assert line.starts_ms == {
        "endpoint": 0.0,
        "asr": 300.0,
        "retrieval": 600.0,
        "llm_first_token": 600.0,
        "tts_first_audio": 1000.0,
        "answer": 0.0,
    }
    assert line.timings_ms["answer"] == 1200.0


def test_a_stage_that_did_not_take_place_did_not_begin() -> None:
    reply = answer_reply()
    reply.utterance.trace.llm_first_token_ms = None
    line = recorded(reply)
    assert "llm_first_token" not in line.starts_ms
    assert set(line.starts_ms) == set(line.timings_ms)


def test_what_we_say_by_ourselves_has_no_stages() -> None:
    line = recorded(Reply(Utterance(Deadline(20)), "prompt", released=True))
    assert (line.starts_ms, line.timings_ms, line.trace, line.failure) == ({}, {}, None, None)


def test_an_apology_tells_what_failed_and_how_long_the_caller_waited_for_it() -> None:
    failed = answer_reply()
    failed.first_audio_at = None
    failed.utterance.trace.fallbacks.append("gpt-4o-mini: timeout")
    failure = Failure("answer", "openai", "quota")
    apology = Reply(
        Utterance(Deadline(20)), "apology", released=True, first_audio_at=12.5, failure=failure,
        instead_of=failed,
    )  # fmt: skip
    line = line_as_json(recorded(apology))
    assert line["failure"] == {"stage": "answer", "provider": "openai", "kind": "quota"}
    assert line["timings_ms"]["answer"] == 2500.0
    assert line["starts_ms"]["answer"] == 0.0
    assert line["trace"]["fallbacks"] == ["gpt-4o-mini: timeout"]
    assert line["source"] is None
    assert failed.utterance.trace.source == "general"
    assert asdict(failure) == line["failure"]
