"""``/ws`` through a real gunicorn: sentences as they are made, on record, within limits."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
import websocket

from bot.embeddings.openai import OpenAIEmbedder
from bot.openai_client import openai_client
from tests.agent.parts import FOREIGN, NO_ANSWER, SPEED, WARRANTY, lab_settings
from tests.lab import openai_faults as faults
from tests.lab.admin import Admin
from tests.lab.openai_plan import Plan
from tests.lab.openai_server import OpenAIServer
from tests.lab.ports import free_port
from tests.webadmin.answering import build_place, place_environment
from tests.webadmin.wsclient import WAIT_S, WsClient, ended, logged
from webadmin.questionlimit import MOST_QUESTIONS
from webadmin.ws.routes import MOST_SOCKETS

PASSWORD = "operators-only"


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An admin that quotes the bases."""
    folder = tmp_path_factory.mktemp("quoting")
    shutil.copytree(built, folder, symlinks=True, dirs_exist_ok=True)
    with Admin(place_environment(folder, ADMIN_PASSWORD=PASSWORD), free_port()) as admin:
        yield ready(admin.url)


@pytest.fixture(scope="module")
def services() -> Iterator[OpenAIServer]:
    with OpenAIServer(Plan(token_s=0.02)) as running:
        yield running


@pytest.fixture(scope="module")
def writing_site(services: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An admin whose model writes 250 letters a second; its vectors are from a service too."""
    folder = tmp_path_factory.mktemp("writing")
    settings = lab_settings(folder, openai_api_key=services.key, openai_base_url=services.base_url)
    build_place(folder, OpenAIEmbedder(openai_client(settings)))
    variables = {
        "OPENAI_API_KEY": services.key,
        "OPENAI_BASE_URL": services.base_url,
        "EMBEDDINGS_PROVIDER": "openai",
        "LLM_PROVIDER": "openai",
    }
    with Admin(place_environment(folder, **variables), free_port()) as admin:
        yield ready(admin.url)


def ready(url: str) -> str:
    """The address of an admin, once its assistant is made."""
    while requests.post(f"{url}/api/ask", json={"text": "Спасибо"}, timeout=60).status_code == 503:
        pass
    return url


def test_each_sentence_is_a_frame_and_they_are_the_answer(site: str) -> None:
    told = requests.post(f"{site}/api/ask", json={"text": WARRANTY}, timeout=WAIT_S).json()
    with WsClient(site) as client:
        assert client.ask(WARRANTY, len(told["sentences"])) == told["sentences"]
        assert client.ask(FOREIGN, 1) == [NO_ANSWER]
        assert client.ask("Спасибо!", 1) == ["Пожалуйста!"]


def test_a_dialogue_is_a_call_that_operators_read(site: str) -> None:
    with WsClient(site, "чат-1") as client:
        client.ask("Какая скорость у рэм сто?", 1)
        logged(site, "чат-1", lambda call: len(call["lines"]) == 2)
    call = logged(site, "чат-1", ended)
    asked, answered = call["lines"]
    assert (call["status"], call["channelId"], call["sources"]) == ("Completed", "ws", ["tech"])
    assert (asked["raw"], asked["text"]) == ("Какая скорость у рэм сто?", SPEED)
    assert answered["source"] == "tech"
    assert answered["trace"]["release"] == 1
    assert not answered["interrupted"]
    assert set(answered["timings_ms"]) == {"retrieval", "llm_first_token", "answer"}


def test_who_asks_nothing_is_logged_as_silent(site: str) -> None:
    with WsClient(site, "чат-молчит"):
        pass
    assert logged(site, "чат-молчит", ended)["status"] == "NoInput"


def test_a_socket_remembers_its_dialogue_and_no_other(site: str) -> None:
    with WsClient(site, "чат-память") as client, WsClient(site, "чат-другой") as other:
        client.ask(SPEED, 1)
        for each in (client, other):
            each.ask("А сколько она стоит?", 1)
    for caller, rewritten in (("чат-память", "А сколько она стоит? РЭМ-100"), ("чат-другой", "")):
        call = logged(site, caller, ended)
        assert call["lines"][-1]["trace"]["rewritten"] == rewritten


def test_the_first_sentence_comes_while_the_model_writes_on(
    writing_site: str, services: OpenAIServer
) -> None:
    services.answer("Гарантия 24 месяца.|" + "И ещё много-много слов." * 40 + "|")
    before = services.count("abandoned")
    with WsClient(writing_site, "чат-ушёл") as client:
        assert client.ask(WARRANTY, 1) == ["Гарантия 24 месяца."]
        client.break_off()
    # The model is left in the middle of its answer: nobody listens any more.
    assert services.wait_for("abandoned", before + 1, within_s=WAIT_S)
    call = logged(writing_site, "чат-ушёл", ended)
    line = call["lines"][-1]
    assert call["status"] == "Completed"
    assert line["interrupted"]
    assert line["heard"].startswith("Гарантия 24 месяца.")
    assert len(line["heard"]) < 400


def test_without_vectors_the_client_is_answered_from_what_the_letters_find(
    writing_site: str, services: OpenAIServer
) -> None:
    services.fail("embedding", faults.server_error(), times=20)
    services.answer("Двадцать четыре месяца.|")
    with WsClient(writing_site, "чат-беда") as client:
        assert client.ask("Какая гарантия на все машины завода?", 1) == ["Двадцать четыре месяца."]
        services.forget()
        assert client.ask("Спасибо", 1) == ["Пожалуйста!"]
    line = logged(writing_site, "чат-беда", ended)["lines"][1]
    assert line["source"] == "general"
    assert line["trace"]["fallbacks"] == ["embeddings: transient"]


def test_questions_sent_at_once_are_answered_one_after_the_other(site: str) -> None:
    with WsClient(site) as client:
        for _ in range(30):
            client.socket.send("Спасибо")
        assert {client.read() for _ in range(30)} == {"Пожалуйста!"}


def test_a_flood_of_questions_ends_the_dialogue(site: str) -> None:
    with WsClient(site) as client:
        for _ in range(MOST_QUESTIONS + 1):
            client.socket.send("Спасибо")
        said, code = client.end()
    assert code == 1008
    assert said[:-1] == ["Пожалуйста!"] * MOST_QUESTIONS
    assert "Слишком много вопросов" in said[-1]


@pytest.mark.parametrize(
    ("send", "words", "code"),
    [
        (lambda ws: ws.send("ы" * 40_000), "слишком длинное", 1009),
        (lambda ws: ws.send("x" * 3_000_000), "слишком длинное", 1009),
        (lambda ws: ws.send_binary(b"\x00" * 9), "только текст", 1003),
        (lambda ws: ws.send(b"\xff\xfe", websocket.ABNF.OPCODE_TEXT), "", 1007),
        (lambda ws: ws.sock.sendall(b"\xf1\x80\x00\x00\x00\x00"), "", 1002),
        (lambda ws: ws.sock.sendall(b"\x81\x02hi"), "", 1002),
    ],
    ids=["long", "very long", "binary", "not UTF-8", "reserved bits", "unmasked"],
)
def test_what_is_no_question_closes_with_its_code(
    site: str, send: object, words: str, code: int
) -> None:
    assert callable(send)
    with WsClient(site) as client:
        send(client.socket)
        said, given = client.end()
    assert given == code
    assert words in "".join(said)


def test_a_long_text_is_answered_by_its_beginning_and_an_empty_one_kindly(site: str) -> None:
    with WsClient(site) as client:
        assert client.ask("Какая гарантия? " * 1250, 1)[0].startswith("Гарантия")
    with WsClient(site) as client:
        assert client.ask("", 1) == ["Да."]  # the prompts' idle prompt


def test_a_message_in_parts_is_one_question(site: str) -> None:
    with WsClient(site) as client:
        begin, end = websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_CONT
        client.socket.send_frame(websocket.ABNF.create_frame("Спа".encode(), begin, 0))
        client.socket.ping("жив?")
        client.socket.send_frame(websocket.ABNF.create_frame("сибо".encode(), end, 1))
        assert client.read() == "Пожалуйста!"


def refused(site: str, **options: object) -> websocket.WebSocketBadStatusException:
    with pytest.raises(websocket.WebSocketBadStatusException) as refusal:
        WsClient(site, **options)  # type: ignore[arg-type]
    return refusal.value


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://[", "https://"]
)
def test_a_page_of_another_site_is_refused(site: str, origin: str) -> None:
    assert refused(site, origin=origin).status_code == 403


def test_our_own_pages_and_programs_without_a_page_are_served(site: str) -> None:
    for options in ({"origin": site}, {"suppress_origin": True}):
        with WsClient(site, **options) as client:
            assert client.ask("Спасибо", 1) == ["Пожалуйста!"]


def test_a_stranger_needs_the_password(site: str) -> None:
    stranger = {"X-Forwarded-For": "192.0.2.7"}
    assert refused(site, header=stranger).status_code == 401
    given = base64.b64encode(f"any:{PASSWORD}".encode()).decode()
    with WsClient(site, header=stranger | {"Authorization": f"Basic {given}"}) as client:
        assert client.ask("Спасибо", 1) == ["Пожалуйста!"]


def test_a_name_that_is_too_long_is_refused(site: str) -> None:
    refusal = refused(site, caller_id="я" * 101)
    assert refusal.status_code == 400
    assert "callerId" in (refusal.resp_body or b"").decode()


def test_a_plain_request_is_told_that_it_is_none(site: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    for headers in ({}, upgrade, upgrade | {"Sec-WebSocket-Version": "7"}):
        answer = requests.get(f"{site}/ws", headers=headers, timeout=WAIT_S)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "bad_request"


def test_sockets_leave_threads_for_the_pages(site: str) -> None:
    clients = [WsClient(site) for _ in range(MOST_SOCKETS)]
    refusal = refused(site)
    assert refusal.status_code == 503
    assert str(MOST_SOCKETS) in (refusal.resp_body or b"").decode()
    assert requests.get(f"{site}/logs", timeout=WAIT_S).status_code == 200

    clients[0].break_off()
    clients[1].socket.close(timeout=1)
    for _ in range(2):
        clients.append(until_there_is_room(site))
    assert clients[-1].ask("Спасибо", 1) == ["Пожалуйста!"]
    for client in clients[2:]:
        client.socket.close(timeout=1)
    until_there_is_room(site).break_off()


def until_there_is_room(site: str) -> WsClient:
    """A new socket, as soon as one that was closed has left its place."""
    while True:
        with suppress(websocket.WebSocketBadStatusException):
            return WsClient(site)


def test_a_stop_says_goodbye_and_a_killed_admins_dialogue_is_closed_by_the_next(
    built: Path, tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path, symlinks=True, dirs_exist_ok=True)
    environment, port = place_environment(tmp_path), free_port()
    with Admin(environment, port) as admin, WsClient(admin.url, "чат-стоп") as client:
        client.ask("Спасибо", 1)
        admin.ask_to_stop()
        said, code = client.end()
    assert (code, "перезапускается" in said[0]) == (1001, True)

    with Admin(environment, port) as admin:
        assert logged(admin.url, "чат-стоп", ended)["status"] == "Completed"
        with WsClient(admin.url, "чат-убит") as client:
            client.ask("Спасибо", 1)
            logged(admin.url, "чат-убит", lambda call: len(call["lines"]) == 2)
            admin.kill()
    with Admin(environment, port) as admin:
        call = logged(admin.url, "чат-убит", ended)
    assert (call["status"], len(call["lines"])) == ("Failed", 2)


def test_without_a_release_the_socket_says_why_and_stays(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path, symlinks=True, dirs_exist_ok=True)
    current = tmp_path / "index" / "current"
    current.rename(tmp_path / "away")
    with Admin(place_environment(tmp_path), free_port()) as admin, WsClient(admin.url) as client:
        (reason,) = client.ask(WARRANTY, 1)
        assert "python -m bot.index" in reason
        (tmp_path / "away").rename(current)
        assert client.ask(FOREIGN, 1) == [NO_ANSWER]
