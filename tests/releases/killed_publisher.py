"""Publishes in child processes, each killed one step later than the one before.

``python -m tests.releases.killed_publisher MASTER FOLDER``: for every step, MASTER is copied to
FOLDER/<step>, a child publishes there and is killed at that step. Prints the number of steps.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from bot.releases.publisher import Publisher
from bot.settings import Settings

STEPS = frozenset({"open", "os.mkdir", "os.rename", "os.remove", "os.symlink", "os.chmod"})
"""What a program does to the file system, as Python's audit events name it."""


def settings_in(folder: Path) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        knowledge_base_path=folder / "general.md",
        knowledge_base2_path=folder / "tech.md",
        prompts_file_path=folder / "prompts.json",
        persist_directory=folder / "index",
    )


def publish_killed_at(folder: Path, step: int) -> bool:
    """Publish in a child that is killed at ``step``; whether it came that far."""
    child = os.fork()
    if not child:
        _die_at(step)
        prompts = json.loads((folder / "prompts.json").read_text(encoding="utf-8"))
        publisher = Publisher(settings_in(folder))
        publisher.change_prompts(prompts | {"greeting": "Слушаю."}, "Анна")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _die_at(step: int) -> None:
    seen = 0

    def count(event: str, _: object) -> None:
        nonlocal seen
        if event in STEPS:
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def main() -> None:
    master, folder = map(Path, sys.argv[1:])
    step = 1
    while True:
        own = folder / str(step)
        shutil.copytree(master, own, symlinks=True)
        if not publish_killed_at(own, step):
            break
        step += 1
    print(step)


if __name__ == "__main__":
    main()
