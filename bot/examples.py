"""Example questions that the bases answer, and questions about the same that they do not.

``calibration.json`` beside the bases holds them, apart from the golden questions, which measure.
A question that is nearer to answered ones than to the others is likelier to have an answer
(:mod:`bot.search.calibration`). That one has none is known of the passages that were read when it
was written: the file names them, and where another passage comes first now, the example does not
count. ``python -m bot.examples`` names the passages anew, once somebody has read them.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import AssistantError, KnowledgeError
from bot.retrieval import Base
from bot.search.knowledge import chunks, prepare, read_base
from bot.search.passages import passages
from bot.settings import Settings, load_settings

EXAMPLES_NAME = "calibration.json"
_DIGITS = 12


class Examples(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    passages: tuple[str, ...] = ()
    """Digests (:func:`digest_of`) of the passages that were read for it."""
    told: Mapping[Base, Mapping[str, Sequence[str]]] = {}
    """Questions that the passage under a heading of a base answers."""
    untold: tuple[str, ...] = ()
    """Questions that no passage answers."""


NO_EXAMPLES = Examples()


def digest_of(text: str) -> str:
    """The beginning of the SHA-256 of a passage's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def examples_path(settings: Settings) -> Path:
    """The file beside the general base."""
    return settings.knowledge_base_path.with_name(EXAMPLES_NAME)


def examples_of(settings: Settings) -> Examples:
    """The examples beside the general base; none when there is no such file.

    Raises :class:`KnowledgeError` when it cannot be read.
    """
    path = examples_path(settings)
    return read_examples(path) if path.exists() else NO_EXAMPLES


def read_examples(path: Path) -> Examples:
    """The examples in a file; :class:`KnowledgeError` says what is wrong with it."""
    try:
        return Examples.model_validate_json(path.read_bytes())
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(f"{path}: {place}: {first['msg']}") from error


def main() -> int:
    """Name the passages of the bases as they are now; 1 with a line when it cannot be done."""
    try:
        settings = load_settings()
        examples = examples_of(settings)
        read = tuple(sorted(_digests(settings)))
    except AssistantError as error:
        print(f"bot.examples: {error}", file=sys.stderr)
        return 1
    written = examples.model_copy(update={"passages": read}).model_dump(mode="json")
    text = json.dumps(written, ensure_ascii=False, indent=1)
    examples_path(settings).write_text(f"{text}\n", encoding="utf-8")
    return 0


def _digests(settings: Settings) -> set[str]:
    paths: dict[Base, Path] = {
        "general": settings.knowledge_base_path,
        "tech": settings.knowledge_base2_path,
    }
    texts = {kb: prepare(read_base(path)) for kb, path in paths.items()}
    return {
        digest_of(one.text)
        for kb, text in texts.items()
        for one in passages(text, kb, chunks(text, kb))
    }


if __name__ == "__main__":
    sys.exit(main())
