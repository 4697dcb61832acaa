"""The settings that operators change while calls go on."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ChangeError
from bot.settings import Settings
from bot.wrongfield import first_wrong_field


class LiveSettings(BaseModel):
    """One consistent set of search and model settings; the names are contract.md's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kb_top_k: int = Field(ge=1, le=20)
    kb_fallback_threshold: float = Field(ge=0, le=1)
    llm_model_primary: str = Field(min_length=1, max_length=200)
    llm_model_fallback: str = Field(max_length=200)
    """Empty when there is no second model."""
    llm_temperature: float = Field(ge=0, le=2)

    @property
    def models(self) -> tuple[str, ...]:
        """The models to try, in order, each once."""
        return tuple(
            dict.fromkeys(m for m in (self.llm_model_primary, self.llm_model_fallback) if m)
        )


def live_settings(settings: Settings, changed: Mapping[str, object]) -> LiveSettings:
    """The environment's settings with what operators ``changed``.

    Raises :class:`ChangeError` that names the first wrong field.
    """
    values = {name: getattr(settings, name) for name in LiveSettings.model_fields}
    try:
        return LiveSettings.model_validate({**values, **changed})
    except ValidationError as error:
        raise ChangeError(f"настройки: {first_wrong_field(error)}") from None


def merged(
    settings: Settings, changed: Mapping[str, object], changes: Mapping[str, object]
) -> dict[str, object]:
    """What operators changed, with more ``changes``; ``None`` is the environment's value again.

    Raises as :func:`live_settings` does.
    """
    together = {**changed, **changes}
    kept = {name: value for name, value in together.items() if value is not None}
    checked = live_settings(settings, kept).model_dump()
    unknown = changes.keys() - checked.keys()
    if unknown:
        raise ChangeError(f"настройки: {min(unknown)}: такого поля нет")
    return {name: checked[name] for name in kept}
