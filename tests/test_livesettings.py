"""Settings that change while calls go on."""

import pytest

from bot.errors import ChangeError
from bot.livesettings import live_settings, merged
from bot.settings import Settings, load_settings


@pytest.fixture
def environment() -> Settings:
    return load_settings(env_file=None)


def test_the_environment_counts_where_nobody_changed_anything(environment: Settings) -> None:
    live = live_settings(environment, {"kb_top_k": 7})
    assert live.kb_top_k == 7
    assert live.llm_temperature == environment.llm_temperature


def test_changes_add_up_and_none_is_the_environment_again(environment: Settings) -> None:
    changed = merged(environment, {"kb_top_k": 7}, {"llm_temperature": 1})
    assert changed == {"kb_top_k": 7, "llm_temperature": 1.0}
    assert merged(environment, changed, {"kb_top_k": None}) == {"llm_temperature": 1.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kb_top_k": 0}, "kb_top_k: должно быть не меньше 1"),
        ({"kb_top_k": 2.5}, "kb_top_k: должно быть целым числом"),
        ({"kb_fallback_threshold": 1.5}, "kb_fallback_threshold: должно быть не больше 1"),
        ({"llm_temperature": "hot"}, "llm_temperature: должно быть числом"),
        ({"llm_model_primary": ""}, "llm_model_primary: не может быть пустым"),
        ({"kb_topk": 3}, "kb_topk: такого поля нет"),
        ({"kb_topk": None}, "kb_topk: такого поля нет"),
        ({"llm_temperature": float("nan")}, "llm_temperature: "),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    environment: Settings, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(ChangeError, match=said):
        merged(environment, {}, changes)


def test_without_a_second_model_one_is_tried(environment: Settings) -> None:
    live = live_settings(environment, {"llm_model_fallback": ""})
    assert live.models == (environment.llm_model_primary,)
