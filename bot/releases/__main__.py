"""The releases in a terminal: ``python -m bot.releases``, listed, compared, published again."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from bot.errors import AssistantError
from bot.index import show_progress
from bot.releases.comparing import differences
from bot.releases.publisher import Publisher
from bot.releases.record import ReleaseRecord, os_user
from bot.releases.store import ReleaseStore
from bot.releases.workingfiles import set_aside
from bot.settings import Settings, load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 1 with one line that says what is wrong."""
    options = _parse(argv)
    command: Callable[[Settings, argparse.Namespace], None] = options.command
    try:
        command(load_settings(), options)
    except (AssistantError, OSError) as error:
        if isinstance(error, BrokenPipeError):  # the reader (`| head`) has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        print(f"releases: {error}", file=sys.stderr)
        return 1
    return 0


def _list(settings: Settings, _: argparse.Namespace) -> None:
    store = ReleaseStore(settings.persist_directory)
    in_service = store.require_in_service()
    for record in store.records():
        mark = "*" if record.number == in_service else " "
        what = "; ".join(_what(record))
        if record.number > in_service:
            what += " (не в работе)"
        print(f"{mark} {record.number:>4}  {_time(record, settings.zone)}  {record.author}  {what}")
    print(f"* выпуск {in_service} в работе")


def _show(settings: Settings, options: argparse.Namespace) -> None:
    store = ReleaseStore(settings.persist_directory)
    record = store.record(options.number)
    content = store.content(record)
    mark = ", в работе" if record.number == store.in_service() else ""
    print(f"выпуск {record.number}{mark}")
    print(f"опубликован: {_time(record, settings.zone)} ({settings.timezone}), {record.author}")
    for what in _what(record):
        print(f"  {what}")
    print(f"индекс: {record.build_id}")
    for name, digest in record.files.items():
        print(f"  {name:<13} sha256 {digest}")
    changed = ", ".join(f"{name} = {value}" for name, value in content.settings.items())
    print(f"настройки поверх окружения: {changed or 'нет'}")


def _compare(settings: Settings, options: argparse.Namespace) -> None:
    store = ReleaseStore(settings.persist_directory)
    old, new = (store.content(store.record(number)) for number in (options.old, options.new))
    found = differences(old, new)
    for difference in found:
        print(f"=== {difference.part} (выпуск {options.old} → {options.new})")
        print("\n".join(difference.lines))
    if not found:
        print(f"выпуски {options.old} и {options.new} не различаются")


def _publish(settings: Settings, options: argparse.Namespace) -> None:
    before = set_aside(settings)
    published = Publisher(settings).publish_again(
        options.number, options.author, options.note, show_progress
    )
    if published.is_new:
        what = "; ".join(published.record.changes)
        print(f"выпуск {published.record.number} в работе: {what}")
    else:
        print(f"ничего не изменилось: выпуск {published.record.number} в работе и так таков")
    for path in sorted(set_aside(settings) - before):
        print(f"неопубликованная правка сохранена: {path}")


def _what(record: ReleaseRecord) -> list[str]:
    again = [f"снова выпуск {record.again}"] if record.again else []
    note = [f"«{record.note}»"] if record.note else []
    return [*again, *record.changes, *note]


def _time(record: ReleaseRecord, zone: ZoneInfo) -> str:
    return f"{record.published_at.astimezone(zone):%d.%m.%Y %H:%M:%S}"


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.releases",
        description="Выпуски баз, подсказок и настроек; без команды — список.",
    )
    parser.set_defaults(command=_list)
    commands = parser.add_subparsers(title="команды", metavar="")
    commands.add_parser("list", help="список, новые сверху").set_defaults(command=_list)
    show = commands.add_parser("show", help="один выпуск")
    show.add_argument("number", type=int, metavar="N")
    show.set_defaults(command=_show)
    compare = commands.add_parser("compare", help="чем выпуски отличаются")
    compare.add_argument("old", type=int, metavar="A")
    compare.add_argument("new", type=int, metavar="B")
    compare.set_defaults(command=_compare)
    publish = commands.add_parser("publish", help="опубликовать выпуск N снова")
    publish.add_argument("number", type=int, metavar="N")
    publish.add_argument("--author", default=os_user(), help="кто публикует")
    publish.add_argument("--note", default="", help="зачем, одной строкой")
    publish.set_defaults(command=_publish)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
