"""What a caller does in the tests: wait for the greeting, ask, listen."""

from bot.softphone.phone import Call, Phone

CALLER = "+79610000001"
PATIENCE_S = 20.0
QUIET_S = 0.8


def hear_greeting(call: Call) -> float:
    """Wait for the whole greeting; when it began."""
    began_at = call.wait_speech(call.answered_at, PATIENCE_S)
    assert began_at is not None, "no greeting was heard"
    call.wait_quiet(QUIET_S, PATIENCE_S)
    return began_at


def ask(call: Call, words: bytes) -> float:
    """Speak, and wait for the first sound of the answer; seconds from our last word to it."""
    call.play(words)
    assert call.wait_played()
    asked_at = call.last_sent_speech_at
    assert asked_at is not None
    answered_at = call.wait_speech(asked_at, PATIENCE_S)
    assert answered_at is not None, "no answer was heard"
    return answered_at - asked_at


def hear_out(call: Call) -> None:
    """Wait until the assistant is silent."""
    call.wait_quiet(QUIET_S, PATIENCE_S)


def ask_once(phone: Phone, words: bytes) -> None:
    """A whole call with one question, its answer heard to the end."""
    with phone.dial("100", caller_id=CALLER) as call:
        hear_greeting(call)
        ask(call, words)
        hear_out(call)
