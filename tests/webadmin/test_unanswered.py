"""The questions left unanswered: grouped by meaning, worst first, true to the call log."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.calllog import CallLog
from bot.records import AnswerTrace, BotLine, UserLine, now
from tests.webadmin.answering import KEY, Place, open_place
from tests.webadmin.conftest import MakeSettings
from tests.webadmin.knowledgelab import words_of
from webadmin import create_app
from webadmin.questions.keeping import question_keeper, question_store
from webadmin.questions.store import DayOfForm, QuestionStore
from webadmin.unanswered.queries import Check, Group, Resolution
from webadmin.unanswered.view import badness

UNANSWERED = "/logs-ui/unanswered"
REFUSED = AnswerTrace(unanswered=True)
ANSWERED = AnswerTrace(source="general", first_base="general", scores={"general": 0.9})
NOON = now().replace(hour=9, minute=0, second=0, microsecond=0)


class Clock:
    """Moments that a test chooses."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def place(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return open_place(built, tmp_path_factory.mktemp("unanswered"))


@pytest.fixture
def calls(place: Place, clock: Clock) -> Iterator[CallLog]:
    """The call log, empty, as the worker has it; what was known of questions is forgotten."""
    opened = CallLog(place.settings.database_address, clock=clock)
    with opened.connection() as connection:
        connection.exec_driver_sql("DELETE FROM logs")
    with place.app.app_context():
        question_keeper().wake(60)
    yield opened
    opened.close()


def ask(
    calls: CallLog, clock: Clock, *questions: str, days_ago: int = 1, trace: AnswerTrace = REFUSED
) -> int:
    """One call with these questions, the last of them followed by another, answered one."""
    clock.moment = NOON - timedelta(days=days_ago)
    number = calls.start_call("101", "channel", "worker")
    for words, how in (*((one, trace) for one in questions), ("Какая гарантия?", ANSWERED)):
        calls.append(number, UserLine(words, words, clock.moment))
        calls.append(number, BotLine("Ответ.", clock.moment, trace=how))
    calls.end_call(number, "Completed")
    return number


def cards(place: Place, query: str = "") -> list[str]:
    """The cards of the list once all is grouped, each in one line."""
    with place.app.app_context():
        assert not question_keeper().wake(60).is_running
    page = place.client.get(UNANSWERED + query)
    assert page.status_code == 200
    found = re.findall(r'<li class="unanswered .*?</li>', _without_lists(page.text), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", card).split()) for card in found]


def _without_lists(html: str) -> str:
    return re.sub(r"<li>(.*?)</li>", r"\1;", html, flags=re.DOTALL)


def questions(place: Place, query: str = "") -> list[str]:
    return [card.split("?")[0] + "?" for card in cards(place, query)]


def number_of(place: Place) -> int:
    """The number of the first group on the page."""
    found = re.search(r'id="group-(\d+)"', place.client.get(UNANSWERED + "?period=all").text)
    assert found
    return int(found[1])


def test_questions_of_one_meaning_are_one_group(place: Place, calls: CallLog, clock: Clock) -> None:
    ask(calls, clock, "Есть ли у вас парковка?", "А парковка у вас есть?")
    ask(calls, clock, "Где можно припарковаться?", "Есть ли у вас парковка?")
    ask(calls, clock, "Есть ли доставка в Казахстан?")
    ask(calls, clock, "Есть ли доставка в Беларусь?")
    ask(calls, clock, "Сколько весит РЭМ-100?", "Сколько весит РЭМ-200?")
    found = cards(place)
    assert len(found) == 5
    assert found[0].startswith("Есть ли у вас парковка? Не ответили: 4")
    assert "Спрашивали и так: 1 Где можно припарковаться? ;" in found[0]


def test_the_worst_come_first_or_the_most_or_the_latest(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    for _ in range(3):
        ask(calls, clock, "Есть ли у вас вакансии?", days_ago=20)
    ask(calls, clock, "Есть ли у вас столовая?", "Есть ли у вас столовая?", days_ago=2)
    ask(calls, clock, "Какая температура плавления чугуна?", days_ago=1)
    often = ["Есть ли у вас вакансии?", "Есть ли у вас столовая?"]
    last = "Какая температура плавления чугуна?"
    assert questions(place, "?sort=often") == [*often, last]
    assert questions(place, "?sort=recent") == [last, *often[::-1]]
    assert questions(place) == [often[1], often[0], last]
    assert questions(place, "?sort=recent&date_from=2020-01-01&date_to=2020-01-31") == []


def test_a_caller_who_left_makes_a_question_worse() -> None:
    moment = datetime(2025, 8, 1, tzinfo=UTC)
    stayed = Group(1, refused=2, weak=0, lost=0, last_at=moment)
    left = Group(2, refused=1, weak=0, lost=1, last_at=moment)
    doubtful = Group(3, refused=0, weak=2, lost=0, last_at=moment)
    by_badness = sorted((stayed, left, doubtful), key=lambda one: -badness(one, moment))
    assert [one.id for one in by_badness] == [2, 1, 3]
    assert badness(left, moment + timedelta(days=14)) == badness(left, moment) / 2


def test_answered_questions_are_not_listed_but_reported(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    ask(calls, clock, "Сколько стоит РЭМ-100?", trace=ANSWERED)
    ask(calls, clock, "Какая цена у РЭМ-100?", trace=ANSWERED)
    assert cards(place) == []
    told = words_of(place.client.get("/logs-ui/reports/questions?period=all").text)
    assert "Какая гарантия? 2" in told
    assert "Сколько стоит РЭМ-100? 2" in told
    assert "За эти дни таких вопросов не было" in place.client.get(UNANSWERED).text


def test_a_deleted_call_takes_its_questions_along(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    number = ask(calls, clock, "Есть ли у вас баня?")
    ask(calls, clock, "Есть ли у вас столовая?")
    assert len(cards(place)) == 2
    calls.delete_call(number)
    assert questions(place) == ["Есть ли у вас столовая?"]
    with place.app.app_context(), question_store().connection() as connection:
        kept = [row[0] for row in connection.execute("SELECT example FROM forms")]
    assert "Есть ли у вас баня?" not in kept


def test_how_a_call_ends_is_told_though_its_questions_were_counted_before(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    clock.moment = NOON - timedelta(days=1)
    number = calls.start_call("101", "channel", "worker")
    calls.append(number, UserLine("Есть ли у вас баня?", "", clock.moment))
    calls.append(number, BotLine("Не знаю.", clock.moment, trace=REFUSED))
    assert "ушли" not in cards(place)[0]
    calls.end_call(number, "Abandoned")
    assert "ушли или позвали человека: 1" in cards(place)[0]


def test_a_resolved_question_comes_back_when_it_is_asked_in_vain_again(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    ask(calls, clock, "Есть ли у вас баня?")
    cards(place)
    headers = {"X-API-Key": KEY.encode().decode("latin-1"), "X-Author": "Anna"}
    done = place.client.post(f"{UNANSWERED}/{number_of(place)}/resolve", headers=headers)
    assert done.status_code == 200
    assert cards(place) == []
    assert "Решено: Anna" in cards(place, "?state=resolved")[0]
    ask(calls, clock, "Есть ли у вас баня?", trace=ANSWERED)
    assert cards(place) == []
    ask(calls, clock, "Есть ли у вас баня?", days_ago=-1)
    assert "вернулся" in cards(place, "?period=all")[0]


def test_what_was_tried_counts_until_it_is_asked_in_vain_again() -> None:
    asked = datetime(2025, 8, 1, tzinfo=UTC)
    later = asked + timedelta(hours=1)
    group = Group(1, refused=1, weak=0, lost=0, last_at=asked)
    good = Check(later, 5, is_answered=True, source="tech", score=0.8, answer="Да.")
    bad = Check(later, 5, is_answered=False, source="", score=None, answer="Не знаю.")
    assert group.state == "open"
    assert Group(1, 1, 0, 0, asked, check=good).state == "answered"
    assert Group(1, 1, 0, 0, asked, check=bad).state == "open"
    assert Group(1, 1, 0, 0, later + timedelta(hours=1), check=good).state == "open"
    resolved = Group(1, 1, 0, 0, asked, check=good, resolution=Resolution(later, "Анна"))
    assert (resolved.state, resolved.is_back) == ("resolved", False)


def test_the_base_is_opened_at_the_nearest_heading(
    place: Place, calls: CallLog, clock: Clock
) -> None:
    ask(calls, clock, "Какое у машины питание на море?")
    cards(place)
    opened = place.client.get(f"{UNANSWERED}/{number_of(place)}/edit")
    assert opened.status_code == 303
    assert "/logs-ui/knowledge/tech/edit?heading=" in opened.location
    editor = place.client.get(opened.location)
    assert editor.status_code == 200


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?state=lost", "Такого отбора нет"),
        ("?sort=%00", "Такого отбора нет"),
        ("?offset=-1", "Такой страницы нет"),
        ("?offset=99999999999999999999", "Такой страницы нет"),
        ("?date_from=вчера", "Дату не разобрать"),
    ],
)
def test_a_wrong_choice_is_told(place: Place, query: str, told: str) -> None:
    answer = place.client.get(UNANSWERED + query)
    assert (answer.status_code, told in answer.text) == (400, True)


@pytest.mark.parametrize("action", ["edit", "check", "resolve", "reopen"])
def test_a_question_that_is_gone_is_told(place: Place, action: str) -> None:
    headers = {"X-API-Key": KEY.encode().decode("latin-1")}
    path = f"{UNANSWERED}/999999/{action}"
    client = place.app.test_client()
    if action == "edit":
        answer = client.get(path)
    else:
        page = client.get(UNANSWERED).text
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token
        answer = client.post(path, headers={**headers, "X-CSRFToken": token[1]})
    assert answer.status_code == 404
    assert "Такого вопроса больше нет" in answer.text


def test_marks_need_the_key_and_a_trial_the_token(place: Place) -> None:
    for action in ("resolve", "reopen"):
        assert place.client.post(f"{UNANSWERED}/1/{action}").status_code == 401
    assert place.client.post(f"{UNANSWERED}/1/check").status_code == 400


def test_a_question_cannot_become_markup(place: Place, calls: CallLog, clock: Clock) -> None:
    ask(calls, clock, "<script>alert(1)</script> есть?")
    cards(place)
    page = place.client.get(UNANSWERED).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; есть?" in page


def test_personal_data_is_hidden_from_whoever_may_not_see_it(
    built: Path, tmp_path: Path, clock: Clock
) -> None:
    place = open_place(built, tmp_path, mask_personal_data=True)
    calls = CallLog(place.settings.database_address, clock=clock)
    number = "89615554433"
    ask(calls, clock, f"Вы перезвоните мне на {number}?")
    calls.close()
    assert len(cards(place)) == 1
    told = place.client.get("/logs-ui/reports/questions?period=all").text
    assert "Вы перезвоните" in told
    assert number not in place.client.get(UNANSWERED).text + told
    seen = place.client.get(UNANSWERED, headers={"X-API-Key": KEY.encode().decode("latin-1")})
    assert number in seen.text


def test_a_list_is_cut_into_pages(place: Place, calls: CallLog, clock: Clock) -> None:
    ask(calls, clock, *(f"Сколько весит РЭМ-{number}?" for number in range(100, 123)))
    first, second = cards(place), cards(place, "?offset=20")
    assert (len(first), len(second)) == (20, 3)
    assert not set(first) & set(second)


def test_without_an_assistant_questions_are_still_listed(
    make_settings: MakeSettings, calls: CallLog, clock: Clock
) -> None:
    """There is no index to compare questions with: each wording stands for itself."""
    settings = make_settings()
    log = CallLog(settings.database_address, clock=clock)
    ask(log, clock, "Есть ли у вас парковка?", "Где можно припарковаться?")
    log.close()
    app = create_app(settings)
    with app.app_context():
        question_keeper().wake(60)
    page = app.test_client().get(UNANSWERED).text
    assert "Есть ли у вас парковка?" in page
    assert "Где можно припарковаться?" in page


def test_of_a_day_the_most_asked_are_kept_and_all_that_were_refused(tmp_path: Path) -> None:
    store = QuestionStore(tmp_path / "state" / "questions.sqlite")
    forms = {f"{place:03}": DayOfForm(f"Вопрос {place}", asked=500 - place) for place in range(300)}
    refused = DayOfForm("Отказ", asked=1, refused=1, last_at=NOON.isoformat(), last_call=7)
    store.put_day(NOON.date(), "1", forms | {"refused": refused})
    store.put_day(NOON.date(), "2", forms | {"refused": refused})
    assert store.seen_days() == {NOON.date().isoformat(): "2"}
    most = store.most_asked(None, None, 1000)
    assert len(most) == 200
    assert (most[0].example, most[0].times) == ("Вопрос 0", 500)
    assert store.most_asked(NOON.date() + timedelta(days=1), None, 5) == []
    assert [form.example for form in store.without_vector("model", 1)] == ["Отказ"]
    store.forget_days([NOON.date().isoformat()])
    assert not store.has_new()


def test_the_page_is_told_when_the_grouping_is_done(place: Place, calls: CallLog) -> None:
    with place.app.app_context():
        question_keeper().wake(60)
    told = place.client.get(f"{UNANSWERED}/progress").text
    assert "Группировка закончена" in told
    assert "hx-get" not in told
