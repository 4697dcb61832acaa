"""The folder of the recordings and the files in it; nobody but the product's user reads them.

A recording is ``<call>-<token>.wav`` while it is made, with what is known of its call beside it
(``.json``), and ``.flac`` for good. The token keeps names from being guessed.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from bot.calllog.recordings import TROUBLES, Trouble

_TOKEN_BYTES: Final = 8
_STEM: Final = re.compile(r"\d{1,19}-[0-9a-f]{16}")
FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600


@dataclass(frozen=True)
class RecordedCall:
    """Whose recording it is, since when (UTC), and what is wrong with it.

    ``call_id`` is 0 while the call has no number yet: then ``channel_id`` tells which it is.
    While a recording goes on, its process counts as killed: nobody else could say it later.
    """

    call_id: int
    channel_id: str
    began_at: datetime
    trouble: Trouble = "killed"

    def as_json(self) -> str:
        """As it is written beside the recording."""
        return json.dumps(asdict(self) | {"began_at": self.began_at.isoformat()})

    @classmethod
    def of_json(cls, text: str) -> Self:
        """What :meth:`as_json` wrote; ``ValueError`` or ``KeyError`` for anything else."""
        told: Mapping[str, object] = json.loads(text)
        began_at = datetime.fromisoformat(str(told["began_at"]))
        trouble: Trouble = next((one for one in TROUBLES if one == told["trouble"]), "killed")
        return cls(int(str(told["call_id"])), str(told["channel_id"]), began_at, trouble)


class RecordingFolder:
    """Where the recordings are. Another host may write there too, or there may be no folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Make it when it is not there; raises ``OSError``."""
        self.path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    def new_stem(self, call_id: int) -> str:
        """A name, without its ending, for the recording of a call."""
        return f"{max(0, call_id)}-{secrets.token_hex(_TOKEN_BYTES)}"

    def growing(self, stem: str) -> Path:
        """The file while it is made."""
        return self.path / f"{stem}.wav"

    def told(self, stem: str) -> Path:
        """What is known of the call."""
        return self.path / f"{stem}.json"

    def finished(self, stem: str) -> Path:
        """The file that is kept."""
        return self.path / f"{stem}.flac"

    def unfinished(self) -> Iterator[str]:
        """The recordings that are being made, or were left by a process that was killed."""
        for path in sorted(self.path.glob("*.wav")):
            if _STEM.fullmatch(path.stem):
                yield path.stem

    def is_unfinished(self, call_id: int) -> bool:
        """Whether the call's recording is being made."""
        return any(stem.startswith(f"{call_id}-") for stem in self.unfinished())

    def remove(self, stem: str) -> None:
        """Take every file of a recording away; raises ``OSError``."""
        for path in (self.growing(stem), self.finished(stem), self.told(stem)):
            path.unlink(missing_ok=True)
