"""Free ports on the loopback for servers that must be told their port beforehand."""

import random
import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def rtp_range(size: int) -> tuple[int, int]:
    """First and last port of a range for RTP, below those the system gives out by itself.

    It is drawn at random, so that servers started at once seldom share one; Asterisk
    steps over ports that are taken.
    """
    first = random.randrange(12_000, 32_000 - size, 2)
    return first, first + size - 1
