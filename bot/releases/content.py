"""What a release is made of: both bases, the prompts, and the settings operators changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import KnowledgeError
from bot.retrieval import BASES, Base

PROMPTS_FILE = "prompts.json"
SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class Content:
    """The texts and values of one release. Nothing in it changes."""

    bases: Mapping[Base, str]
    """The Markdown of each base."""
    prompts: str
    """The text of a prompts file."""
    settings: Mapping[str, object]
    """What operators set otherwise than the environment, by contract.md's names."""

    def same_prompts(self, text: str) -> bool:
        """Whether another prompts file says the same; blanks and order do not count."""
        return text == self.prompts or parsed_json(text) == parsed_json(self.prompts)

    def same_as(self, other: "Content") -> bool:
        """Whether two releases answer alike."""
        return (
            self.bases == other.bases
            and self.settings == other.settings
            and self.same_prompts(other.prompts)
        )


def parsed_json(text: str) -> object:
    """What a JSON text says; a text that is no JSON says itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def as_files(content: Content) -> dict[str, bytes]:
    """The content as the files of a release's folder."""
    files = {f"{kb}.md": content.bases[kb].encode() for kb in BASES}
    files[PROMPTS_FILE] = content.prompts.encode()
    files[SETTINGS_FILE] = (json.dumps(content.settings, ensure_ascii=False, indent=1)).encode()
    return files


def from_files(files: Mapping[str, bytes]) -> Content:
    """The content of a release's files; :class:`KnowledgeError` for what cannot be read."""
    try:
        bases = {kb: files[f"{kb}.md"].decode() for kb in BASES}
        settings = json.loads(files[SETTINGS_FILE])
        if not isinstance(settings, dict):
            raise ValueError(f"{SETTINGS_FILE} is not a JSON object")
        return Content(bases, files[PROMPTS_FILE].decode(), settings)
    except (KeyError, ValueError) as error:
        raise KnowledgeError(f"файлы не читаются: {error}") from error
