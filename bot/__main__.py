"""``python -m bot``: the call worker, or the supervisor of several."""

import argparse
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: spinning threads cost 20 times

from bot.errors import AssistantError
from bot.processes.link import SupervisorLink
from bot.processes.supervisor import supervise
from bot.processes.worker_process import run_alone, run_supervised
from bot.settings import load_settings


def main() -> int:
    """Run until told to stop; the exit code for the shell."""
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="The call worker. It is configured by the environment and .env "
        "(.env.example names every variable) and runs until SIGTERM or Ctrl-C.",
    )
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--link", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    try:
        settings = load_settings()
        if options.worker is not None:
            return run_supervised(settings, options.worker, SupervisorLink(options.link))
        return run_alone(settings) if settings.bot_processes == 1 else supervise(settings)
    except AssistantError as error:
        print(f"bot: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
