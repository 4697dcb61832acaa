"""The assistant's replies in one call: made by jobs, held back until released, then spoken.

Belongs to the call's thread.
"""

import logging
import time
from collections.abc import Callable

from bot import jobs
from bot.deadline import Deadline
from bot.dialogue import Dialogue, Reply, failure_of
from bot.errors import AssistantError
from bot.farend import FarEnd
from bot.llm import Exchange
from bot.media import AudioLeg, MediaEvent
from bot.recording.notice import RecordingNotice
from bot.records import Failure, LineKind, now
from bot.services import CallServices
from bot.speaking import Speaker
from bot.tts.pcm import without_tail
from bot.unsaid import Unsaid, asks_to_go_on

log = logging.getLogger(__name__)

ANSWER_DEADLINE_S = 20.0

Made = jobs.SentenceReady | jobs.AudioReady | jobs.UtteranceMade


class Replier:
    """At most one reply at a time. ``began`` and ``over`` are called as its sound starts and ends.

    ``over`` is not called for a reply that :meth:`stop` cut short.
    """

    def __init__(
        self,
        services: CallServices,
        leg: AudioLeg,
        far_end: FarEnd,
        dialogue: Dialogue,
        post: Callable[[jobs.JobEvent], None],
        began: Callable[[], None],
        over: Callable[[], None],
        notice: RecordingNotice,
    ) -> None:
        self._services = services
        self._notice = notice
        self._dialogue = dialogue
        self._post = post
        self._began = began
        self._over = over
        self._speaker = Speaker(leg, far_end)
        self._reply: Reply | None = None
        self._backlog: list[Made] = []
        self._filling = False
        """What sounds is a filler: what was made for the reply waits for its end."""
        self._fillers_said = 0

    def prepare(self, recognition: jobs.Recognition, voice_ended_at: float | None) -> None:
        """Start answering; nothing of it is heard before :meth:`commit`.

        ``voice_ended_at`` is ``None`` for what was asked for without a voice.
        """
        self._drop()
        unsaid = self._dialogue.unsaid
        if unsaid is not None and asks_to_go_on(recognition.text):
            self._go_on(unsaid, recognition, voice_ended_at)
            return
        utterance = self._utterance()
        self._reply = Reply(utterance, "answer", recognition, voice_ended_at=voice_ended_at)
        self._answer(utterance, self._dialogue.history, recognition.text)

    def _go_on(
        self, unsaid: Unsaid, recognition: jobs.Recognition, voice_ended_at: float | None
    ) -> None:
        """Say the rest of an answer; what was not made before is made now."""
        utterance = self._utterance()
        self._reply = Reply(
            utterance, "answer", recognition, voice_ended_at=voice_ended_at, continues=unsaid
        )
        if not unsaid.complete:
            self._answer(utterance, unsaid.history, unsaid.question, unsaid.said)
            return
        utterance.trace = unsaid.trace_of_rest()
        speech = self._services.speech
        self._services.pool.submit(jobs.say, unsaid.rest, speech, utterance, self._post)

    def _answer(
        self,
        utterance: jobs.Utterance,
        history: tuple[Exchange, ...],
        question: str,
        said: tuple[str, ...] = (),
    ) -> None:
        agent, speech = self._services.agent, self._services.speech
        self._services.pool.submit(
            jobs.answer, agent, speech, utterance, history, question, self._post, said
        )

    def commit(self, endpoint_s: float | None) -> None:
        """The caller's turn is over: what is prepared for it may be heard.

        ``endpoint_s`` is the silence that was waited for, if there was any to wait for.
        """
        if self._reply is None:
            return
        self._reply.endpoint_ms = None if endpoint_s is None else round(endpoint_s * 1000.0, 1)
        self._reply.released = True
        if endpoint_s is not None:
            self._services.metrics.speculation.labels("answer", "used").inc()
        backlog, self._backlog = self._backlog, []
        for item in backlog:
            self.made(item)

    def abandon(self) -> None:
        """The caller speaks on: drop a reply of which nothing was heard yet."""
        if self._filling:
            self._filling = False
            self._speaker.stop(time.monotonic())
        self._drop()

    def _drop(self) -> None:
        """Drop a reply of which nothing was heard yet; a filler is said to its end."""
        if self._reply is not None and (self._filling or not self._speaker.speaking):
            if self._reply.heard is not None and not self._reply.released:
                self._services.metrics.speculation.labels("answer", "wasted").inc()
            self._reply.utterance.deadline.cancel()
            self._reply = None
            self._backlog.clear()

    def fill(self) -> None:
        """Say one of the fillers, if one is ready and nothing else is being said."""
        fillers = self._services.prompts.current().fillers
        if not fillers or self._speaker.speaking:
            return
        text = fillers[self._fillers_said % len(fillers)]
        sound = self._services.speech.ready(text)
        if sound is None:
            return
        self._fillers_said += 1
        self._filling = True
        self._speaker.begin(time.monotonic())
        self._speaker.sentence(text)
        self._speaker.audio(sound)
        self._speaker.complete()
        self._speaker.pump(time.monotonic())

    def _filled(self) -> None:
        """The filler was said: whatever was made meanwhile may be heard."""
        self._filling = False
        self._speaker.stop(time.monotonic())
        backlog, self._backlog = self._backlog, []
        for item in backlog:
            self.made(item)

    def say(
        self,
        text: str,
        kind: LineKind,
        failure: Failure | None = None,
        instead_of: Reply | None = None,
    ) -> None:
        """Say a text of our own: at once if it was made ahead, else as soon as it is made.

        ``failure`` is why, and ``instead_of`` the answer that it stands for, if any.
        """
        utterance = self._utterance()
        self._backlog.clear()
        self._reply = Reply(utterance, kind, released=True, failure=failure, instead_of=instead_of)
        ready = self._services.speech.ready(text, utterance.pace)
        if ready is None:
            self._services.pool.submit(
                jobs.say, (text,), self._services.speech, utterance, self._post
            )
            return
        self.made(jobs.SentenceReady(utterance, text))
        # Who is handed over waits for that, not for the voice's last silence.
        self.made(jobs.AudioReady(utterance, without_tail(ready) if kind == "transfer" else ready))
        self.made(jobs.UtteranceMade(utterance))

    def made(self, item: Made) -> None:
        """A piece of a reply is ready: hold it back, or say it. Pieces of dropped ones are not."""
        reply = self._reply
        if reply is None or item.utterance is not reply.utterance:
            return
        if not reply.released or self._filling:
            self._backlog.append(item)
            return
        match item:
            case jobs.SentenceReady(_, text) if self._speaker.speaking:
                self._speaker.sentence(text)
            case jobs.SentenceReady():
                self._backlog.append(item)  # its sound decides when the speech begins
            case jobs.AudioReady(_, pcm):
                self._play(reply, pcm)
            case jobs.UtteranceMade(_, error):
                self._complete(reply, error)

    def media(self, event: MediaEvent) -> None:
        """Something happened on the audio leg."""
        match event.type:
            case "played":
                self._speaker.played_event(event.detail, time.monotonic())
            case "finished" if self._speaker.finished_event(event.detail):
                self._end()
            case "flow_off" | "flow_on":
                self._speaker.flow(on=event.type == "flow_on")
            case _:
                pass

    def keep_going(self) -> None:
        """Send what has become due; notice an end that no event told."""
        moment = time.monotonic()
        self._speaker.pump(moment)
        if self._speaker.is_stalled(moment) and self._reply is not None:
            log.error("reply stalled call_id=%s", self._dialogue.call_id)
            self._reply.failure = Failure("answer", "assistant", "timeout")
            self._reply.utterance.deadline.cancel()
            self._speaker.complete()
        elif self._speaker.is_over(moment):
            self._end()

    def leg_renewed(self) -> None:
        """A lost leg was replaced: the sentence that it cut short is said again."""
        self._speaker.repeat_sentence(time.monotonic())

    def pause(self) -> None:
        """Fall silent at once, ready to go on."""
        self._speaker.pause(time.monotonic())

    def resume(self) -> None:
        """Go on from the same sample."""
        self._speaker.resume(time.monotonic())

    def stop(self) -> None:
        """Drop the reply, recording what was heard of it."""
        reply, self._reply = self._reply, None
        self._backlog.clear()
        if self._filling:
            self._filling = False
            self._speaker.stop(time.monotonic())
        if reply is None:
            return
        reply.utterance.deadline.cancel()
        self._dialogue.asked(reply)
        if self._speaker.speaking:
            sentences = self._speaker.sentences
            whole = not self._speaker.is_unfinished(time.monotonic())
            heard = self._speaker.stop(time.monotonic())
            is_whole = whole and heard == " ".join(sentences)
            complete = self._speaker.is_complete
            self._dialogue.said(reply, sentences, None if is_whole else heard, complete=complete)

    def _utterance(self) -> jobs.Utterance:
        return jobs.Utterance(Deadline(ANSWER_DEADLINE_S), self._dialogue.pace)

    def _play(self, reply: Reply, pcm: bytes) -> None:
        if not self._speaker.speaking:
            self._begin(reply)
        self._speaker.audio(pcm)
        self._speaker.pump(time.monotonic())
        self._dialogue.asked(reply)  # writes to the database: after the sound is out

    def _begin(self, reply: Reply) -> None:
        """The first sound of a reply is here."""
        reply.began_at = now()
        reply.first_audio_at = time.monotonic()
        self._speaker.begin(reply.first_audio_at)
        self._dialogue.pace = reply.utterance.pace
        backlog, self._backlog = self._backlog, []
        for item in backlog:
            if isinstance(item, jobs.SentenceReady):
                self._speaker.sentence(item.text)
        self._began()

    def _complete(self, reply: Reply, error: AssistantError | None) -> None:
        """Nothing more will come for this reply."""
        if error is not None:
            log.error("reply failed call_id=%s error=%s", self._dialogue.call_id, error)
            reply.failure = failure_of("answer", error)
        if self._speaker.speaking:
            self._notice.complete(self._speaker, reply.kind)
            self._speaker.pump(time.monotonic())
        elif reply.kind == "answer":
            self._dialogue.asked(reply)
            apology = self._services.prompts.current().apology
            self.say(apology, "apology", reply.failure, instead_of=reply)
        else:
            self._reply = None
            self._over()

    def _end(self) -> None:
        """The reply, or the filler before it, was played to its end."""
        if self._filling:
            self._filled()
            return
        self.stop()
        self._over()
