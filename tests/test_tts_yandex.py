"""Yandex over gRPC and HTTP, against the strict stand-ins."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.deadline import Deadline
from bot.errors import ProviderError, SettingError
from bot.russian.number_words import words_of
from bot.settings import Settings
from bot.tts.clauses import clauses
from bot.tts.yandex_account import Credentials, credentials_from
from bot.tts.yandex_grpc import YandexGrpc
from bot.tts.yandex_http import YandexHttp
from bot.tts.yandex_text import plain
from tests.lab import yandex_rules as rules
from tests.lab.speechlike import speech_like
from tests.lab.yandex_plan import Plan
from tests.lab.yandex_server import YandexServer

KEY = Credentials(api_key=rules.SERVICE_KEY)
SENTENCE = "Гарантия на машину двенадцать месяцев."
LONG = " ".join(f"Пункт {words_of(n)} говорит о поверке, сервисе и захватах." for n in range(12))

Voice = YandexGrpc | YandexHttp
Make = Callable[..., Voice]


@pytest.fixture
def yandex() -> Iterator[YandexServer]:
    with YandexServer() as server:
        yield server


@pytest.fixture(params=["grpc", "http"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plan(yandex: YandexServer, protocol: str) -> Plan:
    return yandex.grpc.plan if protocol == "grpc" else yandex.http.plan


@pytest.fixture
def make(yandex: YandexServer, protocol: str) -> Iterator[Make]:
    """Makes the voice of the protocol under test."""
    made: list[Voice] = []

    def factory(credentials: Credentials = KEY, **options: Any) -> Voice:
        voice: Voice
        if protocol == "grpc":
            voice = YandexGrpc(credentials, yandex.grpc.target, insecure=True, **options)
        else:
            voice = YandexHttp(credentials, yandex.http.url, **options)
        made.append(voice)
        return voice

    yield factory
    for voice in made:
        voice.close()


def spoken(voice: Voice, text: str = SENTENCE, seconds: float = 20.0) -> bytes:
    return b"".join(voice.synthesise(text, Deadline(seconds)))


def failure(voice: Voice, text: str = SENTENCE, seconds: float = 20.0) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        spoken(voice, text, seconds)
    return caught.value


def test_a_sentence_comes_as_raw_8_khz_in_chunks_of_whole_samples(make: Make, plan: Plan) -> None:
    chunks = list(make().synthesise(SENTENCE, Deadline(20)))
    assert b"".join(chunks) == speech_like(SENTENCE)
    assert len(chunks) > 2
    assert all(len(chunk) % 2 == 0 for chunk in chunks)
    assert plan.heard[0].rate_hz == 8000


def test_the_first_chunk_comes_before_the_service_made_the_last(make: Make, plan: Plan) -> None:
    plan.realtime_factor = 0.05
    with_first = 0
    for _chunk in make().synthesise(LONG[:240], Deadline(20)):
        with_first = with_first or plan.attempts - plan.completed
    assert with_first == 1
    assert plan.completed == 1


def test_an_api_key_goes_without_a_folder_even_if_one_is_configured(make: Make, plan: Plan) -> None:
    spoken(make(Credentials(api_key=rules.SERVICE_KEY, folder_id=rules.USER_FOLDER)))
    assert plan.heard[0].authorization == f"Api-Key {rules.SERVICE_KEY}"
    assert plan.heard[0].folder is None


def test_a_persons_token_goes_with_the_folder(make: Make, plan: Plan) -> None:
    spoken(make(Credentials(iam_token=rules.USER_IAM, folder_id=rules.USER_FOLDER)))
    assert plan.heard[0].authorization == f"Bearer {rules.USER_IAM}"
    assert plan.heard[0].folder == rules.USER_FOLDER


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        (Credentials(iam_token=rules.USER_IAM), "specify folder ID for user account"),
        (Credentials(api_key="AQVN-wrong"), "Unknown"),
        (Credentials(api_key=rules.POWERLESS_KEY), "Permission denied"),
    ],
)
def test_a_refused_account_is_an_authentication_error_with_the_services_words(
    make: Make, credentials: Credentials, words: str
) -> None:
    error = failure(make(credentials))
    assert error.kind == "authentication"
    assert words in str(error)


def test_a_pace_is_a_share_of_the_configured_speed(make: Make, plan: Plan) -> None:
    voice = make(speed=1.2)
    for pace in (1.0, 0.85, 0.6):
        b"".join(voice.synthesise(SENTENCE, Deadline(30), pace))
    assert [heard.speed for heard in plan.heard] == [1.2, 1.02, 0.72]


def test_the_slowest_speed_that_is_accepted_is_not_passed(make: Make, plan: Plan) -> None:
    b"".join(make(speed=0.1).synthesise(SENTENCE, Deadline(60), 0.6))
    assert plan.heard[0].speed == 0.1


def test_voice_role_and_speed_all_reach_the_service(make: Make, plan: Plan) -> None:
    spoken(make(voice="jane", role="evil", speed=1.2))
    heard = plan.heard[0]
    assert (heard.voice, heard.role, heard.speed) == ("jane", "evil", 1.2)
    assert len(heard.request_id or "") == 36


def test_each_request_has_an_id_of_its_own(make: Make, plan: Plan) -> None:
    voice = make()
    spoken(voice)
    spoken(voice)
    assert plan.heard[0].request_id != plan.heard[1].request_id


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("unavailable", "transient"),
        ("internal", "transient"),
        ("quota", "quota"),
        ("forbidden", "authentication"),
        ("bad_request", "permanent"),
    ],
)
def test_a_failure_has_the_kind_that_tells_what_to_do(
    make: Make, plan: Plan, fault: Any, kind: str
) -> None:
    plan.faults = [fault]
    voice = make()
    assert failure(voice).kind == kind
    assert plan.attempts == 1, "a provider does not retry by itself"
    assert spoken(voice), "and is not spoilt by a failure"


def test_a_failure_midway_comes_after_the_audio_before_it(make: Make, plan: Plan) -> None:
    plan.faults = ["unavailable_midway"]
    chunks = make().synthesise(SENTENCE, Deadline(20))
    assert speech_like(SENTENCE).startswith(next(chunks))
    with pytest.raises(ProviderError) as caught:
        list(chunks)
    assert caught.value.kind == "transient"


def test_a_refused_connection_is_transient_and_heals_when_the_service_is_back(
    yandex: YandexServer, make: Make, protocol: str
) -> None:
    service = yandex.grpc if protocol == "grpc" else yandex.http
    voice = make()
    assert spoken(voice)
    service.refuse()
    assert failure(voice).kind == "transient"
    service.open()
    kinds = set()
    sound = b""
    end = time.monotonic() + 15
    while not sound and time.monotonic() < end:  # gRPC waits a little before it connects again
        try:
            sound = spoken(voice)
        except ProviderError as error:
            kinds.add(error.kind)
            time.sleep(0.05)
    assert sound == speech_like(SENTENCE)
    assert kinds <= {"transient"}


def test_a_service_that_says_nothing_is_given_up_long_before_the_deadline(
    make: Make, plan: Plan
) -> None:
    plan.faults = ["stall"]
    deadline = Deadline(60)
    with pytest.raises(ProviderError) as caught:
        list(make(first_audio_s=0.2).synthesise(SENTENCE, deadline))
    assert caught.value.kind == "timeout"
    assert not deadline.expired


def test_a_service_that_falls_silent_midway_is_given_up(make: Make, plan: Plan) -> None:
    plan.faults = ["stall_midway"]
    voice = make(first_audio_s=0.5)
    deadline = Deadline(60)
    with pytest.raises(ProviderError) as caught:
        list(voice.synthesise(SENTENCE, deadline))
    assert caught.value.kind == "timeout"
    assert not deadline.expired


def test_the_deadline_bounds_a_stalled_request(make: Make, plan: Plan) -> None:
    plan.faults = ["stall"]
    assert failure(make(first_audio_s=60), seconds=0.3).kind == "timeout"


def test_closing_the_iterator_cancels_the_request(make: Make, plan: Plan) -> None:
    plan.realtime_factor = 0.5
    chunks = make().synthesise(LONG[:240], Deadline(20))
    assert next(chunks)
    chunks.close()
    end = time.monotonic() + 10
    while not plan.cancelled and time.monotonic() < end:
        time.sleep(0.02)
    assert (plan.cancelled, plan.completed) == (1, 0)


def test_the_deadline_called_off_by_another_thread_ends_a_hanging_grpc_call(
    yandex: YandexServer,
) -> None:
    yandex.grpc.plan.faults = ["stall"]
    voice = YandexGrpc(KEY, yandex.grpc.target, insecure=True, first_audio_s=60)
    deadline = Deadline(60)
    threading.Timer(0.1, deadline.cancel).start()
    with pytest.raises(ProviderError) as caught:
        list(voice.synthesise(SENTENCE, deadline))
    assert "called off" in str(caught.value)
    voice.close()


def test_a_long_text_is_spoken_whole_in_pieces_the_service_accepts(
    make: Make, plan: Plan, protocol: str
) -> None:
    assert spoken(make(), LONG)
    assert " ".join(one.text for one in plan.heard) == LONG
    assert len(plan.heard) == (1 if protocol == "http" else 3)
    assert all(one.text.endswith(".") for one in plan.heard)


def test_slow_speech_is_cut_shorter_so_that_a_piece_stays_under_24_s(
    yandex: YandexServer,
) -> None:
    voice = YandexGrpc(KEY, yandex.grpc.target, insecure=True, speed=0.5)
    spoken(voice, LONG)
    assert max(len(one.text) for one in yandex.grpc.plan.heard) <= 125
    voice.close()


def test_markup_is_never_sent(make: Make, plan: Plan) -> None:
    spoken(make(), "**Звоните** по +7 (34783) 5-16-24, з+амок [[v a]] sil<[300]> <[small]>тихо.")
    assert rules.markup_in(plan.heard[0].text) == []
    assert plan.heard[0].text.startswith(
        "Звоните по плюс семь, тридцать четыре семьсот восемьдесят три, пять, шестнадцать, "
        "двадцать четыре, замок"
    )


@pytest.mark.parametrize("text", ["", "   ", "++", "**", "…", "sil<[300]>", "<[small]> [[ ]]"])
def test_a_text_without_words_is_not_sent_at_all(make: Make, plan: Plan, text: str) -> None:
    assert spoken(make(), text) == b""
    assert plan.attempts == 0


@pytest.mark.parametrize(("wanted", "used"), [("kirill", "ermil"), ("dasha", "marina")])
def test_v1_speaks_for_a_v3_only_voice_with_one_of_the_same_sex(
    yandex: YandexServer, wanted: str, used: str
) -> None:
    voice = YandexHttp(KEY, yandex.http.url, voice=wanted, role="strict")
    assert spoken(voice)
    assert yandex.http.plan.heard[0].voice == used
    assert yandex.http.plan.heard[0].role == "", "a role that the v1 voice lacks is left out"
    voice.close()


def test_the_voice_key_tells_apart_whatever_changes_the_sound(make: Make) -> None:
    options: list[dict[str, Any]] = [
        {}, {"voice": "jane"}, {"voice": "jane", "role": "evil"}, {"speed": 1.1},
    ]  # fmt: skip
    keys = {make(**one).voice_key for one in options}
    assert len(keys) == len(options)


def test_many_calls_share_one_voice_at_once(make: Make, plan: Plan) -> None:
    plan.latency_s = 0.05
    voice = make()
    texts = [f"Предложение {words_of(n)} о поверке." for n in range(30)]
    results: dict[str, bytes] = {}

    def speak(text: str) -> None:
        results[text] = spoken(voice, text)

    threads = [threading.Thread(target=speak, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {text: speech_like(text) for text in texts}


def test_a_wrong_v3_voice_is_permanent(yandex: YandexServer) -> None:
    voice = YandexGrpc(KEY, yandex.grpc.target, insecure=True, voice="levitan")
    assert failure(voice).kind == "permanent"
    voice.close()


def test_what_our_own_grpc_refuses_to_send_is_not_taken_for_a_fault_of_the_server(
    yandex: YandexServer,
) -> None:
    voice = YandexGrpc(Credentials(api_key="line\nbreak"), yandex.grpc.target, insecure=True)
    assert failure(voice).kind == "permanent"
    assert yandex.grpc.plan.attempts == 0
    voice.close()


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_credentials_come_from_the_settings_and_hide_in_their_repr() -> None:
    found = credentials_from(settings(yandex_api_key="secret-key\n", yandex_folder_id="b1g"))
    assert found.authorization == "Api-Key secret-key"
    assert "secret" not in repr(found)


@pytest.mark.parametrize("value", ["два слова", "two words", "a\nb"])
def test_a_key_that_no_header_can_carry_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingError, match=r"^YANDEX_API_KEY: "):
        credentials_from(settings(yandex_api_key=value))


@pytest.mark.parametrize("limit", [20, 60, 250])
def test_pieces_fit_lose_nothing_and_do_not_cut_words(limit: int) -> None:
    pieces = list(clauses(LONG, limit))
    assert " ".join(pieces) == LONG
    assert max(map(len, pieces)) <= limit


def test_a_text_is_cut_at_the_strongest_pause_that_fits() -> None:
    text = "Первое предложение здесь. Второе, с запятой, подлиннее первого будет"
    assert list(clauses(text, 45)) == [
        "Первое предложение здесь.",
        "Второе, с запятой, подлиннее первого будет",
    ]
    assert next(clauses("Раз два три четыре, пять шесть семь", 25)) == "Раз два три четыре,"
    assert next(clauses("Точность 0.5 процента и 3,5 миллиметра на всех", 20)) == "Точность 0.5"


def test_a_word_longer_than_the_limit_is_cut_rather_than_lost() -> None:
    assert list(clauses("а" * 25, 10)) == ["а" * 10, "а" * 10, "а" * 5]


def test_no_text_whatever_leaves_markup_behind() -> None:
    chance = random.Random(7)
    for _ in range(5000):
        text = "".join(chance.choices("+*[]<>sil 03а+*[]", k=chance.randint(1, 14)))
        assert rules.markup_in(plain(text)) == [], text
