"""``python -m bot.check``: every configured service, one line each, with what to do about it."""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: spinning threads cost 20 times

import argparse
from collections.abc import Iterable, Sequence

from bot.checks.check import Check, Finding, examine
from bot.checks.listed import as_in_service, checks_of
from bot.errors import SettingError
from bot.selfcall import CallReport, SelfCallError, place_call
from bot.settings import Settings, load_settings

_NAME_WIDTH = 21


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0 when everything works."""
    options = _parse(argv)
    try:
        settings = as_in_service(load_settings())
    except SettingError as error:
        print(f"check: {error}", file=sys.stderr)
        return 1
    checks = [check for check in checks_of(settings) if not check.unused]
    if options.call:
        checks.append(_self_call(options.sip, options.extension))
    return 0 if _report(examine(check, settings) for check in checks) else 1


def _self_call(sip: str, extension: str) -> Check:
    def look(settings: Settings) -> str:
        return _judged(place_call(settings, sip, extension))

    return Check("call", "Звонок себе", look, "посмотрите журналы агента и Asterisk")


def _judged(report: CallReport) -> str:
    heard = f"приветствие через {report.greeting_ms:.0f} мс после снятия трубки"
    if report.answer_ms is None:
        raise SelfCallError(f"{heard}; на нашу речь ответа нет: доходит ли RTP до Asterisk?")
    return f"{heard}; ответ через {report.answer_ms:.0f} мс после нашего вопроса"


def _report(found: Iterable[Finding]) -> bool:
    """Print each finding as soon as it is there; whether nothing that is needed fails."""
    all_well = True
    for finding in found:
        verdict = "ok" if finding.ok else "FAIL" if finding.needed else "warn"
        print(f"{verdict:<5} {finding.name:<{_NAME_WIDTH}} {finding.detail}", flush=True)
        if not finding.ok:
            print(f"      {'':<{_NAME_WIDTH}} → {finding.advice}", flush=True)
        all_well &= finding.ok or not finding.needed
    return all_well


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.check", description=__doc__)
    parser.add_argument("--call", action="store_true", help="also place a real SIP call")
    parser.add_argument("--sip", default="", help="SIP server as host:port (ARI's host, 5060)")
    parser.add_argument("--extension", default="100", help="what to dial")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
