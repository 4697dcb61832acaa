"""Where Asterisk reaches us, for the legs over which it sends sound to an address of ours."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import SettingError

_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - what an operator may write, not what we bind to


@dataclass(frozen=True)
class Address:
    """``bind`` and ``port`` (0 = any free one) are ours; ``host`` is what Asterisk is told."""

    bind: str
    port: int
    host: str

    @property
    def family(self) -> socket.AddressFamily:
        """IPv4 or IPv6."""
        is_v6 = ipaddress.ip_address(self.bind).version == 6
        return socket.AF_INET6 if is_v6 else socket.AF_INET

    def reached_at(self, port: int) -> str:
        """``host:port`` as Asterisk reads it."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


def our_address(media_bind: str | None, ari_url: str) -> Address:
    """The address that ``MEDIA_BIND`` names (``host:port``), or the one that suits the ARI.

    That is the one from which packets to the ARI leave: 127.0.0.1 for an Asterisk on this
    machine. It is also what Asterisk is told when ``MEDIA_BIND`` is any address. Raises
    :class:`bot.errors.SettingError`.
    """
    host, _, port = (media_bind or "").rpartition(":")
    host = host.strip("[]")
    towards = host if host and host not in _ANYWHERE else _address_towards(ari_url)
    return Address(host or towards, int(port or 0), towards)


def _address_towards(ari_url: str) -> str:
    """The local address from which packets to the ARI's host leave; IPv4 if it has both."""
    parts = urlsplit(ari_url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_DGRAM)
        family, kind, _, _, far = min(found, key=lambda one: one[0] != socket.AF_INET)
        with socket.socket(family, kind) as probe:
            probe.connect(far)
            host: str = probe.getsockname()[0]
            return host
    except OSError as error:
        raise SettingError(f"ARI_URL: {parts.hostname}: {error.strerror}") from error
