"""The caller's side of one SIP dialog over UDP, without sockets and threads (RFC 3261).

Messages and the clock come in, datagrams go out through ``send``; every request is repeated
until it is answered, as UDP may lose it.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.errors import AssistantError
from bot.softphone.codecs import Format
from bot.softphone.sipmessage import (
    G711,
    MediaAnswer,
    SipMessage,
    describe_media,
    read_media,
    uri_in,
)

logger = logging.getLogger(__name__)

T1_S = 0.5
"""First interval between repetitions (RFC 3261, 17.1.1.1)."""
T2_S = 4.0
"""Longest interval between repetitions of anything but INVITE."""
GIVE_UP_S = 64 * T1_S

State = Literal["calling", "up", "refused", "over"]


class CallRefused(AssistantError):
    """The far side did not answer the call: ``status`` is SIP's, such as 404 or 503."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"call refused: {status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Parties:
    """Who calls whom: ``host:port`` addresses, the number dialled, the caller's own and name."""

    local: str
    remote: str
    dialled: str
    caller: str
    name: str = ""

    @property
    def shown(self) -> str:
        """What stands before the caller's address in ``From`` (RFC 3261, quoted-string)."""
        escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" ' if self.name else ""


@dataclass
class _Repetition:
    """A request on its way: sent again at ``next_s``, given up at ``give_up_s``."""

    datagram: bytes
    next_s: float
    interval_s: float
    give_up_s: float


class Dialog:
    """One outgoing call: INVITE … ACK … BYE; safe to use from several threads.

    ``decided`` is set when the call is answered or refused, ``ended`` when it is over.
    """

    def __init__(
        self,
        parties: Parties,
        media_port: int,
        send: Callable[[bytes], None],
        formats: Sequence[Format] = G711,
    ) -> None:
        self.call_id = f"{secrets.token_hex(12)}@{parties.local.partition(':')[0]}"
        self.state: State = "calling"
        self.media: MediaAnswer | None = None
        self.refusal: CallRefused | None = None
        self.ended_by: Literal["us", "them"] | None = None
        self.decided = threading.Event()
        self.ended = threading.Event()
        self._parties = parties
        self._formats = formats
        self._send = send
        self._lock = threading.RLock()
        self._tag = secrets.token_hex(6)
        self._media_port = media_port
        self._contact = f"<sip:{parties.caller}@{parties.local}>"
        self._target = f"sip:{parties.dialled}@{parties.remote}"
        self._to = f"<{self._target}>"
        self._routes: list[str] = []
        self._sequence = 1
        self._sdp_version = 1
        self._provisional = False
        self._hanging_up = False
        self._repetitions: dict[str, _Repetition] = {}
        self._ack = b""
        self._invite = self._request("INVITE").with_body(self._contact, self._description())

    def invite(self, now_s: float) -> None:
        """Place the call; once."""
        with self._lock:
            self._transmit("INVITE", self._invite, now_s)

    def hang_up(self, now_s: float) -> None:
        """End the call: CANCEL before the answer, BYE after it; nothing when it is over."""
        with self._lock:
            if self._hanging_up or self.state in ("refused", "over"):
                return
            self._hanging_up = True
            if self.state == "up":
                self._bye(now_s)
            elif self._provisional:
                self._cancel(now_s)

    def receive(self, message: SipMessage, now_s: float) -> None:
        """Take a message of this dialog."""
        with self._lock:
            if message.status is None:
                self._take_request(message)
            elif message.method == "INVITE":
                self._take_invite_answer(message, message.status, now_s)
            elif message.status >= 200:
                self._repetitions.pop(message.method, None)
                if message.method == "BYE":
                    self._end("us")

    def repeat_what_is_due(self, now_s: float) -> None:
        """Send again whatever has waited long enough, and give up what waited too long."""
        with self._lock:
            for method, repetition in list(self._repetitions.items()):
                if now_s >= repetition.give_up_s:
                    del self._repetitions[method]
                    self._give_up(method)
                elif now_s >= repetition.next_s:
                    self._send(repetition.datagram)
                    repetition.interval_s *= 2
                    if method != "INVITE":
                        repetition.interval_s = min(repetition.interval_s, T2_S)
                    repetition.next_s = now_s + repetition.interval_s

    def _take_invite_answer(self, message: SipMessage, status: int, now_s: float) -> None:
        self._repetitions.pop("INVITE", None)
        if status < 200:
            self._provisional = True
            if self._hanging_up:
                self._cancel(now_s)
        elif status < 300:
            self._take_up(message, now_s)
        else:
            self._to = message.header("to")
            self._send(self._request("ACK", via=self._invite.header("via")).encode())
            self._refuse(status, message.reason)

    def _take_up(self, message: SipMessage, now_s: float) -> None:
        """2xx: acknowledge it each time it comes, and begin the call the first time."""
        if self.state != "calling":
            if self._ack:
                self._send(self._ack)
            return
        self._to = message.header("to")
        self._target = uri_in(message.header("contact")) or self._target
        self._routes = message.all("record-route")[::-1]
        self._ack = self._request("ACK").encode()
        self._send(self._ack)
        self.state = "up"
        try:
            self.media = read_media(message.body)
        except ValueError as error:
            self.refusal = CallRefused(488, str(error))
            self._hanging_up = True
        if self._hanging_up:
            self._bye(now_s)
        self.decided.set()

    def _take_request(self, request: SipMessage) -> None:
        if request.method == "ACK":
            return
        answer = request.answer(200, "OK", self._tag)
        if request.method in ("INVITE", "UPDATE") and request.body:
            self._sdp_version += 1
            answer = answer.with_body(self._contact, self._description())
        elif request.method not in ("BYE", "INVITE", "UPDATE", "OPTIONS", "INFO", "NOTIFY"):
            answer = request.answer(501, "Not Implemented", self._tag)
        self._send(answer.encode())
        if request.method == "BYE":
            self._end("them")

    def _bye(self, now_s: float) -> None:
        self._sequence += 1
        self._transmit("BYE", self._request("BYE"), now_s)

    def _cancel(self, now_s: float) -> None:
        if "CANCEL" not in self._repetitions:
            request = self._request("CANCEL", via=self._invite.header("via"))
            self._transmit("CANCEL", request, now_s)

    def _give_up(self, method: str) -> None:
        if method == "INVITE":
            self._refuse(408, "Request Timeout")
        elif method == "BYE":
            logger.warning("event=sip_bye_unanswered call_id=%s", self.call_id)
            self._end("us")

    def _refuse(self, status: int, reason: str) -> None:
        if self.state == "calling":
            self.state = "refused"
            self.refusal = CallRefused(status, reason)
            self.decided.set()
            self.ended.set()

    def _end(self, by: Literal["us", "them"]) -> None:
        if self.state != "over":
            self.state = "over"
            self.ended_by = by
            self._repetitions.clear()
            self.ended.set()

    def _transmit(self, method: str, message: SipMessage, now_s: float) -> None:
        datagram = message.encode()
        self._repetitions[method] = _Repetition(datagram, now_s + T1_S, T1_S, now_s + GIVE_UP_S)
        self._send(datagram)

    def _request(self, method: str, via: str | None = None) -> SipMessage:
        """A request of this dialog; ``via`` of another puts both into one transaction."""
        branch = f"SIP/2.0/UDP {self._parties.local};rport;branch=z9hG4bK{secrets.token_hex(8)}"
        number = self._sequence if method not in ("ACK", "CANCEL") else 1
        headers = [
            ("via", via or branch),
            ("max-forwards", "70"),
            *(("route", route) for route in self._routes),
            ("from", f"{self._parties.shown}{self._contact};tag={self._tag}"),
            ("to", self._to),
            ("call-id", self.call_id),
            ("cseq", f"{number} {method}"),
            ("user-agent", "metrotech-voice"),
        ]
        return SipMessage(f"{method} {self._target} SIP/2.0", tuple(headers))

    def _description(self) -> str:
        host = self._parties.local.partition(":")[0]
        return describe_media(host, self._media_port, self._sdp_version, self._formats)
