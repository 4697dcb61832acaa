"""SIP messages and session descriptions, as far as a telephone needs them (RFC 3261, 4566)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from bot.softphone.codecs import FORMATS, Codec, Format, codec

_SHORT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "s": "subject", "k": "supported",
}  # fmt: skip


@dataclass(frozen=True)
class SipMessage:
    """One message; header names are in lower case, repeated ones keep their order."""

    start_line: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def parse(cls, datagram: bytes) -> Self:
        """The message in ``datagram``; raises ``ValueError`` when it is not SIP."""
        head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
        start_line, *lines = head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
        if "SIP/2.0" not in start_line:
            raise ValueError("not a SIP message")
        headers = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError("a SIP header without a colon")
            name = name.strip().lower()
            headers.append((_SHORT.get(name, name), value.strip()))
        return cls(start_line, tuple(headers), body)

    def encode(self) -> bytes:
        """The datagram, with the length of the body."""
        body = self.body.encode()
        lines = [self.start_line, *(f"{name.title()}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    @property
    def status(self) -> int | None:
        """The status of a response; ``None`` for a request."""
        protocol, _, rest = self.start_line.partition(" ")
        return int(rest[:3]) if protocol == "SIP/2.0" and rest[:3].isdigit() else None

    @property
    def reason(self) -> str:
        """The words after a response's status."""
        return self.start_line.split(" ", 2)[2] if self.start_line.count(" ") >= 2 else ""

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        if self.status is None:
            return self.start_line.partition(" ")[0]
        return self.header("cseq").rpartition(" ")[2]

    def header(self, name: str) -> str:
        """The first value of a header, or an empty string."""
        return next((value for other, value in self.headers if other == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for other, value in self.headers if other == name]

    def answer(self, status: int, reason: str, tag: str) -> "SipMessage":
        """A response to this request; ``tag`` completes a ``To`` that has none."""
        to = self.header("to")
        headers = [("via", value) for value in self.all("via")]
        headers += [
            ("from", self.header("from")),
            ("to", to if ";tag=" in to else f"{to};tag={tag}"),
            ("call-id", self.header("call-id")),
            ("cseq", self.header("cseq")),
        ]
        return SipMessage(f"SIP/2.0 {status} {reason}", tuple(headers))

    def with_body(self, contact: str, body: str) -> "SipMessage":
        """The same message carrying a session description."""
        extra = (("contact", contact), ("content-type", "application/sdp"))
        return SipMessage(self.start_line, self.headers + extra, body)


def uri_in(value: str) -> str:
    """The address inside a ``Contact``, ``From`` or ``Route`` value."""
    if "<" in value:
        return value.partition("<")[2].partition(">")[0]
    return value.partition(";")[0].strip()


@dataclass(frozen=True)
class MediaAnswer:
    """Where the far side wants its sound, in which codec, and the type of its key events."""

    host: str
    port: int
    codec: Codec
    event_type: int | None


G711: tuple[Format, ...] = ("PCMU", "PCMA")
"""What every telephone can."""


def describe_media(host: str, port: int, version: int = 1, formats: Sequence[Format] = G711) -> str:
    """The description of a telephone: what it can send sound in, key events, 20 ms packets."""
    types = [FORMATS[one] for one in formats]
    return "\r\n".join(
        [
            "v=0", f"o=phone {port} {version} IN IP4 {host}", "s=call", f"c=IN IP4 {host}",
            "t=0 0", f"m=audio {port} RTP/AVP {' '.join(str(one) for one, _ in types)} 101",
            *(f"a=rtpmap:{one} {name}" for one, name in types),
            "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=sendrecv", "",
        ]
    )  # fmt: skip


def read_media(body: str) -> MediaAnswer:
    """The audio of a session description.

    Raises ``ValueError`` when it has none, or none that this telephone can.
    """
    host, port, types, events = "", 0, list[int](), None
    for line in body.splitlines():
        kind, _, value = line.partition("=")
        if kind == "c":
            host = value.split()[-1]
        elif kind == "m" and value.startswith("audio "):
            _, number, _, *formats = value.split()
            port, types = int(number), [int(word) for word in formats]
        elif kind == "a" and "telephone-event/8000" in value:
            events = int(value.removeprefix("rtpmap:").split()[0])
    chosen = codec(types[0]) if types else None
    if not host or not port or chosen is None:
        raise ValueError("the far side offered no audio that this telephone can")
    return MediaAnswer(host, port, chosen, events)
