"""The Debian archives that this machine already trusts, read from its own apt sources."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

APT = Path("/etc/apt")
DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Archive:
    """One archive's address, and the options that make apt trust it."""

    uri: str
    suites: tuple[str, ...]
    signed_by: str | None
    trusted: bool

    def line(self, suite: str) -> str:
        """A one-line source for ``suite`` of this archive."""
        options = []
        if self.trusted:
            options.append("trusted=yes")
        elif self.signed_by or Path(DEBIAN_KEYRING).exists():
            options.append(f"signed-by={self.signed_by or DEBIAN_KEYRING}")
        return f"deb {'[' + ' '.join(options) + '] ' if options else ''}{self.uri} {suite} main"


def debian_archives(apt: Path = APT) -> list[Archive]:
    """Every archive under ``apt`` that may hold all of Debian, the likeliest first."""
    archives = dict.fromkeys(_archives(apt))
    usable = [archive for archive in archives if not _is_partial(archive)]
    return sorted(usable, key=lambda archive: not archive.uri.rstrip("/").endswith("/debian"))


def _is_partial(archive: Archive) -> bool:
    """Whether it is a security or third-party archive, which has no other suites."""
    flat = any(suite.endswith("/") for suite in archive.suites)
    return flat or all("security" in suite for suite in archive.suites)


def _archives(apt: Path) -> Iterator[Archive]:
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))]
    for file in filter(Path.exists, lists):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield from _from_line(line)
    for file in sorted((apt / "sources.list.d").glob("*.sources")):
        for stanza in file.read_text(encoding="utf-8").split("\n\n"):
            yield from _from_stanza(stanza)


def _from_line(line: str) -> Iterator[Archive]:
    """``deb [option=value …] uri suite component…`` (sources.list(5))."""
    rest = line.partition("#")[0].strip()
    if not rest.startswith("deb "):
        return
    rest = rest.removeprefix("deb ").strip()
    options: dict[str, str] = {}
    if rest.startswith("["):
        inside, _, rest = rest[1:].partition("]")
        options = dict(_pair(word, "=") for word in inside.split())
    uri, suite, *components = rest.split()
    if "main" in components and _is_reachable(uri):
        yield Archive(uri, (suite,), options.get("signed-by"), options.get("trusted") == "yes")


def _from_stanza(stanza: str) -> Iterator[Archive]:
    """One deb822 paragraph; a key written inline instead of as a file is left out."""
    fields: dict[str, str] = {}
    for line in stanza.splitlines():
        if line[:1].isalpha():
            name, value = _pair(line, ":")
            fields[name] = value
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
        return
    if "main" not in fields.get("components", "").split():
        return
    key = fields.get("signed-by", "")
    for uri in filter(_is_reachable, fields.get("uris", "").split()):
        yield Archive(
            uri,
            tuple(fields.get("suites", "").split()),
            key if key.startswith("/") else None,
            fields.get("trusted") == "yes",
        )


def _pair(text: str, separator: str) -> tuple[str, str]:
    name, _, value = text.partition(separator)
    return name.strip().lower(), value.strip()


def _is_reachable(uri: str) -> bool:
    return not uri.startswith("cdrom:")
