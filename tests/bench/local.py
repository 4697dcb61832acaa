"""The stack without any service: festival asks, Whisper recognises, the bases are quoted."""

from bot.softphone.phone import Phone
from tests.bench.figures import Figure, figure
from tests.bench.turns import PATIENCE_S
from tests.lab.voices import speak
from tests.lab.worker import Worker

QUESTIONS = (
    "Какой гарантийный срок на машину?",
    "Где вы находитесь?",
    "Как с вами связаться?",
    "Какой срок поставки?",
    "Какое напряжение питания?",
    "Нужна ли поверка?",
    "Как оплатить заказ?",
    "Есть ли у вас обучение?",
)


def measure_local(worker: Worker, phone: Phone) -> list[Figure]:
    """One call with every question; reported, not promised."""
    voices = speak(list(QUESTIONS))
    waits = []
    call = phone.dial("100", caller_id="bench")
    call.wait_speech(call.answered_at, PATIENCE_S)
    call.wait_quiet(0.8, PATIENCE_S)
    for voice in voices:
        call.play(voice)
        call.wait_played()
        asked_at = call.last_sent_speech_at
        if asked_at is None or (heard_at := call.wait_speech(asked_at, PATIENCE_S)) is None:
            raise RuntimeError("no answer")
        waits.append(heard_at - asked_at)
        call.wait_quiet(1.2, PATIENCE_S)
    call.hangup()
    lines = worker.wait_for_call()["lines"]
    answered = sum(bool(line["source"]) for line in lines if line["role"] == "bot")
    return [
        figure("local stack: end of question → first sound", "s", waits),
        Figure("local stack: answered from a base", "", answered, answered, len(QUESTIONS)),
    ]
