"""``python -m bot``: the call worker."""

import argparse
import os
import signal
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: spinning threads cost 20 times

from bot.errors import AssistantError, SettingError
from bot.logsetup import set_up_logging
from bot.runtime import open_services, wait_for_asterisk
from bot.settings import load_settings
from bot.worker import Worker

REPLACED_EXIT_CODE = 3


def main() -> int:
    """Run one worker until it is told to stop; the exit code for the shell."""
    argparse.ArgumentParser(
        prog="python -m bot",
        description="The call worker. It is configured by the environment and .env "
        "(.env.example names every variable) and runs until SIGTERM or Ctrl-C.",
    ).parse_args()
    try:
        return _run()
    except AssistantError as error:
        print(f"bot: {error}", file=sys.stderr)
        return 2


def _run() -> int:
    settings = load_settings()
    if settings.bot_processes != 1:
        raise SettingError("BOT_PROCESSES: this release runs one process; set it to 1")
    set_up_logging(settings)
    version = wait_for_asterisk(settings)
    with open_services(settings) as services:
        worker = Worker(services, settings.ari_app, settings.max_calls)
        for signal_number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signal_number, lambda *_: worker.stop())
        print(f"bot: ready, Asterisk {version}, application {settings.ari_app}", flush=True)
        worker.run()
    return REPLACED_EXIT_CODE if worker.replaced else 0


if __name__ == "__main__":
    sys.exit(main())
