"""What ships in kb/ and .env.example is usable as it is, and wrong edits are told plainly."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from bot.errors import KnowledgeError, SettingError
from bot.prompts import SAMPLE_PATH, Prompts, missing_parts, read_prompts
from bot.routing import choose_base
from bot.settings import Settings, load_settings
from bot.smalltalk import CONTROLS

ROOT = Path(__file__).parent.parent
PROMPTS_PATH = ROOT / "kb" / "prompts.json"
ENV_EXAMPLE = ROOT / ".env.example"
MACHINES = (
    "РЭМ-5", "РЭМ-10", "РЭМ-50", "РЭМ-100", "РЭМ-200", "РЭМ-300", "РЭМ-600", "РГМ-1000", "РГМ-2000",
)  # fmt: skip

base_files = pytest.mark.parametrize("name", ["general.md", "tech.md"])


def read_base(name: str) -> str:
    return (ROOT / "kb" / name).read_bytes().decode("utf-8")


def sections(text: str) -> dict[str, str]:
    """Heading → body of every level-2 and level-3 section."""
    parts = re.split(r"^#{2,3} (.+)\n", text, flags=re.MULTILINE)[1:]
    bodies = (body.replace("<<->>", "").strip() for body in parts[1::2])
    return dict(zip(parts[0::2], bodies, strict=True))


def sentences(body: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", body)


@base_files
def test_a_base_has_thirty_to_forty_sections_and_no_heading_twice(name: str) -> None:
    headings = re.findall(r"^#{1,6} +(.+)$", read_base(name), flags=re.MULTILINE)
    assert 30 <= len(sections(read_base(name))) <= 40
    assert len({heading.casefold() for heading in headings}) == len(headings)


@base_files
def test_a_base_says_at_its_top_that_it_is_sample_data(name: str) -> None:
    top = read_base(name).split("<<->>")[0]
    assert "ОБРАЗЕЦ: вымышленные данные" in top
    assert "SAMPLE DATA" in top


@base_files
def test_each_section_is_a_piece_between_split_marks(name: str) -> None:
    text = read_base(name)
    pieces = re.split(r"^<<->>$", text, flags=re.MULTILINE)[1:]
    assert len(pieces) == len(sections(text))
    assert all(re.match(r"#{2,3} ", piece.strip()) for piece in pieces)


@base_files
def test_a_section_opens_with_two_sentences_short_enough_to_be_heard(name: str) -> None:
    for heading, body in sections(read_base(name)).items():
        parts = sentences(body)
        assert 2 <= len(parts) <= 6, heading
        assert len(" ".join(parts[:2])) <= 190, heading
        assert max(map(len, parts)) <= 120, heading


@base_files
def test_a_section_is_plain_text_that_can_be_read_aloud(name: str) -> None:
    for heading, body in sections(read_base(name)).items():
        assert not re.search(r"[*_`|\[\]<>#]|^\s*[-\d]+[.)]? ", body, re.MULTILINE), heading


def test_each_machine_of_the_overview_has_a_technical_section_with_its_force() -> None:
    overview = sections(read_base("general.md"))["Что мы выпускаем"]
    technical = sections(read_base("tech.md"))
    named = re.findall(r"Р[ЭГ]М-\d+", overview)
    assert sorted(named) == sorted(MACHINES)
    for machine in named:
        assert f"{machine.split('-')[1]} кН" in sentences(technical[machine])[0]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machines_mass_power_and_voltage_are_the_same_in_every_section(machine: str) -> None:
    technical = sections(read_base("tech.md"))
    own, sizes = technical[machine], technical["Габариты и масса"]
    power = re.search(r"потребляет ([\d,]+ кВт)", own)
    mass = re.search(r"Масса \S+ — (\d+ кг)", own)
    assert power is not None
    assert mass is not None
    powers = technical["Потребляемая мощность"]
    assert re.search(rf"{machine}( потребляет| —) {power[1]}", powers)
    assert f"{machine} весит {mass[1]}" in sizes or f"{machine} весит" not in sizes
    low_voltage = machine in sentences(technical["Электропитание и напряжение"])[0]
    assert ("220 В" if low_voltage else "380 В") in own


def test_the_prompts_are_usable_on_the_phone() -> None:
    prompts = read_prompts(PROMPTS_PATH)
    assert len(prompts.greeting) <= 85, "longer than about six seconds"
    assert len(prompts.asr_terms) <= 200
    assert "\n" not in prompts.asr_terms
    assert "|" in prompts.system_prompt
    spoken = prompts.model_dump(
        exclude={
            "system_prompt", "contextualiser_prompt", "asr_terms", "routing", "small_talk",
            "variables", "fillers",
        }
    )  # fmt: skip
    texts = [
        *spoken.values(),
        *prompts.fillers,
        *(talk.answer for talk in prompts.small_talk.values()),
    ]
    assert all(text.endswith((".", "!", "?")) and "|" not in text for text in texts)
    assert set(prompts.small_talk) == set(CONTROLS)


def test_the_sample_that_missing_parts_are_copied_from_has_them_all() -> None:
    sample = read_prompts(SAMPLE_PATH)
    assert missing_parts(sample) == missing_parts(read_prompts(PROMPTS_PATH)) == ()
    written = json.loads(SAMPLE_PATH.read_text("utf-8"))
    assert written.keys() == Prompts.model_fields.keys()
    copied = [talk["answer"] for talk in written["small_talk"].values()]
    assert "{" not in str([*copied, written["transfer_notice"]]), "an older file has no variables"


def test_routing_names_both_bases_with_lower_case_words_of_one_base_only() -> None:
    routing = read_prompts(PROMPTS_PATH).routing
    words = [word for beginnings in routing.values() for word in beginnings]
    assert set(routing) == {"general", "tech"}
    assert len(set(words)) == len(words)
    assert all(re.fullmatch(r"[a-zа-яё]{2,}", word) for word in words)


@pytest.mark.parametrize(
    ("question", "base"),
    [
        ("Сколько стоит РЭМ-100?", "general"),
        ("Когда привезёте машину?", "general"),
        ("Какая гарантия на РГМ-1000?", "general"),
        ("До скольки вы работаете?", "general"),
        ("Какое усилие у РЭМ-100?", "tech"),
        ("Есть РЭМ на 1000 кН, скорость 5 мм/с при 220 В?", "tech"),
        ("Нужен ли фундамент?", "tech"),
        ("По какому ГОСТу испытывают проволоку?", "tech"),
    ],
)
def test_an_everyday_question_is_sent_to_the_base_that_answers_it(question: str, base: str) -> None:
    assert choose_base(question, read_prompts(PROMPTS_PATH).routing).first == base


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"greeting": \n oops}', "строка 2 — не JSON"),
        ("{}".encode("utf-16"), "не UTF-8"),
        (b"{}", "greeting: этого поля не хватает"),
        (b"[]", "должно быть набором полей"),
    ],
)
def test_an_unreadable_prompts_file_is_refused_with_the_place(
    tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "prompts.json"
    path.write_bytes(text)
    with pytest.raises(KnowledgeError, match=re.escape(said)) as caught:
        read_prompts(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"apology": ""}, "apology: не может быть пустым"),
        ({"greeting": "а" * 401}, "greeting: длиннее 400 знаков"),
        ({"gretting": "Здравствуйте!"}, "gretting: такого поля нет"),
        ({"routing": {"sales": ["цен"]}}, "routing.sales"),
        ({"routing": {"tech": "кн"}}, "routing.tech"),
    ],
)
def test_a_wrong_prompt_is_refused_by_its_name(
    tmp_path: Path, change: dict[str, Any], place: str
) -> None:
    path = tmp_path / "prompts.json"
    write_prompts(path, **change)
    with pytest.raises(KnowledgeError, match=rf": {re.escape(place)}\b"):
        read_prompts(path)


def test_a_missing_prompts_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"absent\.json: файл не читается"):
        read_prompts(tmp_path / "absent.json")


def write_prompts(path: Path, **changes: Any) -> None:
    """Write the shipped prompts with ``changes``."""
    shipped = json.loads(PROMPTS_PATH.read_text(encoding="utf-8"))
    path.write_text(json.dumps(shipped | changes), encoding="utf-8")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process environment that says nothing about the product."""
    known = {name.upper() for name in Settings.model_fields}
    for name in [name for name in os.environ if name.upper() in known]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_the_env_example_names_every_setting_and_nothing_else() -> None:
    named = re.findall(r"^#?([A-Z0-9_]+)=", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.usefixtures("bare_environment")
def test_the_env_example_uncommented_is_exactly_the_defaults(tmp_path: Path) -> None:
    text = ENV_EXAMPLE.read_text(encoding="utf-8")
    assert not re.search(r"^[A-Z0-9_]+=", text, re.MULTILINE), "defaults stay commented"
    uncommented = tmp_path / "env"
    uncommented.write_text(re.sub(r"^#(?=[A-Z0-9_]+=)", "", text, flags=re.MULTILINE), "utf-8")
    assert load_settings(uncommented) == load_settings(None)


def test_the_environment_wins_over_the_env_file(
    bare_environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "env").write_text("KB_TOP_K=5\nMAX_CALLS=7\n", "utf-8")
    bare_environment.setenv("KB_TOP_K", "4")
    settings = load_settings(tmp_path / "env")
    assert (settings.kb_top_k, settings.max_calls) == (4, 7)


@pytest.mark.usefixtures("bare_environment")
@pytest.mark.parametrize(
    ("line", "variable"),
    [
        ("KB_TOP_K=abc", "KB_TOP_K"),
        ("KB_TOP_K=0", "KB_TOP_K"),
        ("KB_FALLBACK_THRESHOLD=1.5", "KB_FALLBACK_THRESHOLD"),
        ("TIMEZONE=Mars", "TIMEZONE"),
        ("TIMEZONE=../etc/passwd", "TIMEZONE"),
        ("ARI_URL=foo", "ARI_URL"),
        ("ARI_APP=with space", "ARI_APP"),
        ("ADMIN_BIND=9000", "ADMIN_BIND"),
        ("METRICS_BIND=127.0.0.1", "METRICS_BIND"),
        ("LOG_LEVEL=LOUD", "LOG_LEVEL"),
        ("YANDEX_TTS_SPEED=fast", "YANDEX_TTS_SPEED"),
        ("ASR_PROVIDER=google", "ASR_PROVIDER"),
        ("ASR_PROVIDER=openai", "OPENAI_API_KEY"),
        ("LLM_PROVIDER=openai", "OPENAI_API_KEY"),
        ("EMBEDDINGS_PROVIDER=openai", "OPENAI_API_KEY"),
        ("TTS_PROVIDER=yandex", "YANDEX_API_KEY"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line_that_names_it(
    tmp_path: Path, line: str, variable: str
) -> None:
    (tmp_path / "env").write_text(line + "\n", "utf-8")
    with pytest.raises(SettingError) as caught:
        load_settings(tmp_path / "env")
    assert str(caught.value).startswith(f"{variable}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("bare_environment")
def test_a_wrong_setting_does_not_repeat_the_value_that_may_be_secret(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("ARI_URL=user:hunter2@host\n", "utf-8")
    with pytest.raises(SettingError) as caught:
        load_settings(tmp_path / "env")
    assert "hunter2" not in str(caught.value)
