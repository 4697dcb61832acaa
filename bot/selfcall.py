"""A real SIP call to our own number: does sound pass in both directions, and how soon."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.deadline import Deadline
from bot.errors import AssistantError
from bot.settings import Settings
from bot.softphone.phone import Call, Phone
from bot.softphone.sip import CallRefused
from bot.tts.local import LocalVoice

QUESTION = "Скажите, пожалуйста, где вы находитесь?"
CALLER = "self-check"
SIP_PORT = 5060
PATIENCE_S = 15.0


class SelfCallError(AssistantError):
    """The call could not be placed, or nothing was heard on it."""


@dataclass(frozen=True)
class CallReport:
    """Milliseconds at the caller's telephone; ``answer_ms`` is ``None`` without an answer.

    ``greeting_ms`` counts from the answer of the call, ``answer_ms`` from the last packet of
    our question to the first one of speech after it.
    """

    greeting_ms: float
    answer_ms: float | None


def place_call(settings: Settings, sip: str, extension: str) -> CallReport:
    """Dial ``extension`` at ``sip`` (``host:port``; ARI's host and 5060 by default) and ask."""
    voice = LocalVoice()
    try:
        question = b"".join(voice.synthesise(QUESTION, Deadline(PATIENCE_S)))
    finally:
        voice.close()
    server = _server(settings, sip)
    with Phone(server) as phone:
        try:
            call = phone.dial(extension, caller_id=CALLER, timeout_s=PATIENCE_S)
        except (CallRefused, TimeoutError) as error:
            raise SelfCallError(f"sip:{extension}@{server[0]}:{server[1]}: {error}") from error
        with call:
            return _converse(call, question)


def _converse(call: Call, question: bytes) -> CallReport:
    greeted_at = call.wait_speech(call.answered_at, PATIENCE_S)
    if greeted_at is None:
        raise SelfCallError("no greeting was heard")
    call.wait_quiet(1.0, PATIENCE_S)
    call.play(question)
    call.wait_played()
    asked_at = call.last_sent_speech_at or call.answered_at
    answered_at = call.wait_speech(asked_at, PATIENCE_S)
    answer_ms = None if answered_at is None else (answered_at - asked_at) * 1000
    return CallReport((greeted_at - call.answered_at) * 1000, answer_ms)


def _server(settings: Settings, sip: str) -> tuple[str, int]:
    if not sip:
        return urlsplit(settings.ari_url).hostname or "127.0.0.1", SIP_PORT
    host, _, port = sip.rpartition(":")
    if not host or not port.isdigit():
        raise SelfCallError(f"--sip {sip}: must be host:port")
    return host, int(port)
