"""The local voice, with the real festival and espeak-ng."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bot.audio import duration_s, level_dbfs, samples
from bot.deadline import Deadline
from bot.errors import ProviderError
from bot.tts.espeak import EspeakVoice
from bot.tts.local import LocalVoice
from bot.tts.loudness import levelled
from bot.tts.pcm import in_frames, whole_samples, without_lead, without_tail
from bot.tts.readable import readable

SENTENCE = "Поверка проводится один раз в год."


@pytest.fixture
def voice() -> Iterator[LocalVoice]:
    local = LocalVoice()
    yield local
    local.close()


def spoken(voice: LocalVoice | EspeakVoice, text: str = SENTENCE, seconds: float = 60.0) -> bytes:
    return b"".join(voice.synthesise(text, Deadline(seconds)))


def festivals() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and child.name() == "festival"
    ]


def test_a_sentence_is_spoken_at_the_phones_rate_and_at_one_loudness(voice: LocalVoice) -> None:
    short, longer = spoken(voice, "Добрый день."), spoken(voice, f"{SENTENCE} {SENTENCE}")
    assert 0.5 < duration_s(short) < 2.5
    assert duration_s(longer) > 2 * duration_s(short)
    assert level_dbfs(short) == pytest.approx(-20, abs=4)
    assert level_dbfs(longer) == pytest.approx(-20, abs=4)


def test_only_the_silence_after_the_last_sound_is_taken_away(voice: LocalVoice) -> None:
    whole = spoken(voice, "Соединяю.")
    cut = without_tail(whole)
    assert whole.startswith(cut)
    assert 0.1 < duration_s(whole) - duration_s(cut) < 0.3
    assert level_dbfs(whole[len(cut) :]) < -45
    silence = bytes(3200)
    assert without_tail(silence) == silence


def test_a_slower_pace_is_heard(voice: LocalVoice) -> None:
    usual, slow = spoken(voice), b"".join(voice.synthesise(SENTENCE, Deadline(60), 0.7))
    assert duration_s(slow) == pytest.approx(duration_s(usual) / 0.7, rel=0.02)
    espeak = EspeakVoice()
    slow = b"".join(espeak.synthesise(SENTENCE, Deadline(60), 0.7))
    assert duration_s(slow) > 1.15 * duration_s(spoken(espeak))


def test_the_same_text_gives_the_same_sound(voice: LocalVoice) -> None:
    assert spoken(voice) == spoken(voice)


def test_sentences_one_after_another_need_one_process(voice: LocalVoice) -> None:
    for _ in range(3):
        spoken(voice)
    assert len(festivals()) == 1


@pytest.mark.parametrize("text", ["", " ", "…", "?!", "()", "日本", '"""', "— , —"])
def test_a_text_without_words_is_silence_and_no_error(voice: LocalVoice, text: str) -> None:
    assert spoken(voice, text) == b""


@pytest.mark.parametrize(
    "text",
    [
        'слово" (system "touch {}") "',
        'слово\\" (system \\"touch {}\\") \\"',
        'слово")) (system "touch {}") (print (quote "',
        "слово\n(system 'touch {}')",
    ],
)
def test_no_text_becomes_a_command(voice: LocalVoice, text: str, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert spoken(voice, text.format(trace))
    assert not trace.exists()
    assert spoken(voice) == spoken(voice)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Цена — по запросу…", "Цена, по запросу."),
        ("да ; нет", "да; нет"),
        ("кое-что -вот- так", "кое-что вот так"),
        ("«Метротест» (Нефтекамск)", "Метротест Нефтекамск"),
        ("67,8 и 0.5", "67, 8 и 0. 5"),
        ("!? слово?!", "слово?"),
        ("a+b*c=d", "a b c d"),
        ("тест\0тест\ttест", "тест тест tест"),
    ],
)
def test_text_is_reduced_to_what_the_voice_can_read(text: str, read: str) -> None:
    assert readable(text) == read


@pytest.mark.parametrize("text", ["да ; нет", "что, где, - когда", "Кто? — Я!", "№ 5 – это 5%"])
def test_punctuation_that_stops_festival_is_spoken_over(voice: LocalVoice, text: str) -> None:
    assert duration_s(spoken(voice, text)) > 0.5


def test_a_long_text_comes_clause_by_clause(voice: LocalVoice) -> None:
    chunks = list(voice.synthesise(" ".join([SENTENCE] * 12), Deadline(60)))
    assert len(chunks) > 1
    assert sum(map(duration_s, chunks)) > 20


def test_a_process_that_died_is_replaced_and_the_sentence_still_spoken(
    voice: LocalVoice,
) -> None:
    before = spoken(voice)
    (process,) = festivals()
    process.kill()
    process.wait(10)
    assert spoken(voice) == before
    assert [one.pid for one in festivals()] != [process.pid]


def test_a_process_that_hangs_is_given_up_by_the_deadline_and_replaced(
    voice: LocalVoice,
) -> None:
    before = spoken(voice)
    (process,) = festivals()
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(ProviderError) as caught:
        spoken(voice, seconds=0.5)
    assert caught.value.kind == "timeout"
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    assert spoken(voice) == before


def test_callers_at_once_are_all_served_by_two_processes_at_most(voice: LocalVoice) -> None:
    voice.warm_up()
    texts = [f"Вам ответит специалист номер {word}." for word in "один два три пять семь".split()]
    results: dict[str, bytes] = {}

    def speak(text: str) -> None:
        results[text] = spoken(voice, text)

    threads = [threading.Thread(target=speak, args=(text,)) for text in texts * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {text: spoken(voice, text) for text in texts} == results
    assert 1 <= len(festivals()) <= 2


@pytest.mark.parametrize(
    ("program", "kind"), [("/nonexistent/festival", "permanent"), ("/bin/true", "transient")]
)
def test_a_program_that_is_no_festival_is_a_provider_error(program: str, kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        spoken(LocalVoice(program))
    assert caught.value.kind == kind


def test_a_festival_without_the_russian_voice_names_the_package(tmp_path: Path) -> None:
    program = tmp_path / "festival"
    program.write_text("#!/bin/sh\nexec festival -q --pipe\n")
    program.chmod(0o755)
    with pytest.raises(ProviderError, match="festvox-ru") as caught:
        spoken(LocalVoice(str(program)))
    assert caught.value.kind == "permanent"


def test_closing_ends_the_processes_and_refuses_more_work() -> None:
    voice = LocalVoice()
    spoken(voice)
    voice.close()
    assert festivals() == []
    with pytest.raises(ProviderError):
        spoken(voice)


def test_espeak_stands_by_at_the_same_rate_and_loudness() -> None:
    speech = spoken(EspeakVoice())
    assert 1.0 < duration_s(speech) < 5.0
    assert level_dbfs(speech) == pytest.approx(-20, abs=4)
    assert spoken(EspeakVoice(), "…") == b""


def test_a_missing_or_failing_espeak_is_a_provider_error() -> None:
    for program in ("/nonexistent/espeak-ng", "/bin/false", "/bin/true"):
        with pytest.raises(ProviderError) as caught:
            spoken(EspeakVoice(program))
        assert caught.value.kind == "transient"


@pytest.mark.parametrize(
    "word", ["Сто.", "Фланец.", "Хорошо.", "Щека.", "Шестьсот.", "Цех.", "Поверка.", "Да.", "Ась?"]
)
def test_trimming_takes_silence_only_and_leaves_no_more_than_a_moment_of_it(
    voice: LocalVoice, word: str
) -> None:
    speech = spoken(voice, word)
    trimmed = b"".join(without_lead(in_frames([speech])))
    start = speech.index(trimmed[:3200])
    assert start > 0, "festival begins with a pause"
    assert level_dbfs(speech[: start + 320]) < -55, "nothing that was heard is gone"
    assert level_dbfs(trimmed[: 2 * 400]) > -60, "speech begins within 50 ms"


def test_trimming_does_not_depend_on_how_the_stream_is_cut(voice: LocalVoice) -> None:
    speech = spoken(voice)
    whole = b"".join(without_lead([speech]))
    for size in (2, 34, 80, 320, 3200):
        pieces = [speech[at : at + size] for at in range(0, len(speech), size)]
        trimmed = b"".join(without_lead(pieces))
        assert whole.endswith(trimmed[160:])
        assert abs(len(whole) - len(trimmed)) <= 160, "within two windows of 5 ms"


def test_silence_throughout_is_nothing() -> None:
    assert b"".join(without_lead([bytes(8000), bytes(8000)])) == b""


def test_torn_samples_are_put_together() -> None:
    pieces = list(whole_samples([b"a", b"bcd", b"", b"e", b"fg"]))
    assert b"".join(pieces) == b"abcdef"
    assert all(len(piece) % 2 == 0 for piece in pieces)


def test_frames_are_whole_and_the_last_is_filled() -> None:
    frames = list(in_frames([b"x" * 100, b"x" * 500, b"x" * 9000]))
    assert all(len(frame) % 320 == 0 and len(frame) <= 3200 for frame in frames)
    assert b"".join(frames) == (b"x" * 9600)[:9600]
    assert list(in_frames([b"x" * 10])) == [b"x" * 10 + bytes(310)]


def test_levelling_lifts_the_quiet_and_never_clips() -> None:
    quiet = (samples(bytes(range(256)) * 400) // 512).astype("<i2")
    assert level_dbfs(levelled(quiet, 8000).tobytes()) == pytest.approx(-20, abs=1)
    spike = quiet.copy()
    spike[1000] = 30000
    assert abs(levelled(spike, 8000).astype(int)).max() <= 32767 * 0.91
