"""``python -m bot.releases``: what an operator reads and does in a terminal."""

import re

import pytest

from bot.releases.__main__ import main
from tests.releases.place import TECH, Place

PRICES = "# Цена\nРЭМ-100 стоит 3 миллиона.\n"


@pytest.fixture
def place(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A folder with three releases, and the variables that name it."""
    place.publisher.change_base("tech", TECH + PRICES, "Анна", "новые цены")
    place.publisher.change_settings({"kb_top_k": 9}, "Борис")
    for name, value in place.environment({"TIMEZONE": "Asia/Yekaterinburg"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(place.folder)
    return place


@pytest.fixture
def told(place: Place, capsys: pytest.CaptureFixture[str]) -> "Told":
    return Told(capsys)


class Told:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def by(self, *arguments: str, code: int = 0) -> str:
        assert main(arguments) == code
        out, err = self._capsys.readouterr()
        return err if code else out


def test_the_list_tells_number_time_author_and_change_of_each(place: Place, told: Told) -> None:
    lines = told.by().splitlines()
    assert told.by("list").splitlines() == lines
    zone = place.settings.model_copy(update={"timezone": "Asia/Yekaterinburg"}).zone
    at = place.store.record(3).published_at.astimezone(zone)
    assert lines[0] == (
        f"*    3  {at:%d.%m.%Y %H:%M:%S}  Борис  настройки: kb_top_k как в окружении → 9"
    )
    assert lines[1].endswith("Анна  техническая база: строк +2 −0; «новые цены»")
    assert lines[2].endswith("lab  первый выпуск")
    assert lines[3] == "* выпуск 3 в работе"


def test_one_release_is_shown_whole(place: Place, told: Told) -> None:
    shown = told.by("show", "3")
    assert "выпуск 3, в работе" in shown
    assert "настройки поверх окружения: kb_top_k = 9" in shown
    assert place.store.record(3).build_id in shown
    assert len(re.findall(r"sha256 [0-9a-f]{64}", shown)) == 4


def test_two_releases_are_compared_line_by_line(told: Told) -> None:
    compared = told.by("compare", "1", "3")
    assert "=== техническая база (выпуск 1 → 3)" in compared
    assert "\n+РЭМ-100 стоит 3 миллиона.\n" in compared
    assert "kb_top_k как в окружении → 9" in compared
    assert "общая база" not in compared
    assert told.by("compare", "2", "2") == "выпуски 2 и 2 не различаются\n"


def test_an_older_one_is_published_again(place: Place, told: Told) -> None:
    said = told.by("publish", "2", "--author", "Анна", "--note", "вернули")
    assert said == "выпуск 4 в работе: настройки: kb_top_k 9 → как в окружении\n"
    assert "снова выпуск 2; настройки" in told.by()
    said = told.by("publish", "4")
    assert said == "ничего не изменилось: выпуск 4 в работе и так таков\n"
    assert place.store.in_service() == 4


def test_an_edit_that_was_set_aside_is_named(place: Place, told: Told) -> None:
    place.sources["tech"].write_text("# Питание\nОт розетки.\n", encoding="utf-8")
    said = told.by("publish", "2")
    kept = place.sources["tech"].with_name("tech.md.unpublished")
    assert f"неопубликованная правка сохранена: {kept}\n" in said
    assert kept.exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "9"), "releases: выпуска 9 нет\n"),
        (("compare", "1", "9"), "releases: выпуска 9 нет\n"),
        (("publish", "9"), "releases: выпуска 9 нет\n"),
        (("publish", "1", "--author", ""), "releases: автор или пояснение: name: не может"),
    ],
)
def test_what_is_wrong_is_one_line(told: Told, arguments: tuple[str, ...], said: str) -> None:
    error = told.by(*arguments, code=1)
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_an_unfinished_or_damaged_release_does_not_hide_the_others(
    place: Place, told: Told
) -> None:
    releases = place.directory / "releases"
    (releases / "4").mkdir()
    (releases / "4" / "tech.md").write_text("half")
    (releases / "2" / "release.json").unlink()
    (releases / "2" / "release.json").write_text("{")
    assert [line[:6].strip("* ") for line in told.by().splitlines()[:-1]] == ["3", "1"]
    assert "выпуска 4 нет" in told.by("show", "4", code=1)
    assert "выпуск 2 повреждён (release.json)" in told.by("show", "2", code=1)


def test_a_link_moved_back_by_hand_loses_no_release(place: Place, told: Told) -> None:
    place.store.put_in_service(1)
    lines = told.by().splitlines()
    assert lines[0].endswith(" (не в работе)")
    assert lines[2].startswith("*    1  ")
    record = place.publisher.change_settings({"llm_temperature": 1}, "Анна").record
    assert (record.number, record.changes) == (
        4, ("настройки: llm_temperature как в окружении → 1.0",),
    )  # fmt: skip
    assert [line[:6].strip("* ") for line in told.by().splitlines()[:-1]] == ["4", "3", "2", "1"]


def test_without_releases_it_says_what_to_do(
    told: Told, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSIST_DIRECTORY", str(place.folder / "nowhere"))
    assert "python -m bot.index" in told.by(code=1)
