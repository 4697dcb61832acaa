"""The environment as the operator wrote it, checked once at the start (contract.md)."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingError
from bot.transfer import TransferTarget

MOST_PROCESSES = 64


class Settings(BaseSettings):
    """Every environment variable of the product; field names are the variables' in lower case.

    Read from the process environment, then from ``.env``. Immutable; what operators change
    while calls go on is in :class:`bot.livesettings.LiveSettings`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True,
        env_ignore_empty=True,
    )  # fmt: skip

    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None

    asr_provider: Literal["auto", "openai", "local"] = "auto"
    asr_model: str = "whisper-1"
    asr_local_model: str = "base"
    asr_stand_by: Literal["local", "none"] = "local"

    llm_provider: Literal["auto", "openai", "extractive"] = "auto"
    llm_model_primary: str = "gpt-4o-mini"
    llm_model_fallback: str = "gpt-6-luna"
    llm_temperature: float = Field(0.2, ge=0, le=2)
    answer_within_s: float = Field(2.5, ge=1, le=20)

    embeddings_provider: Literal["auto", "openai", "sentence-transformers", "local"] = "auto"
    embeddings_model: str | None = None

    tts_provider: Literal["auto", "yandex", "local"] = "auto"
    yandex_api_key: SecretStr | None = None
    yandex_iam_token: SecretStr | None = None
    yandex_folder_id: str | None = None
    yandex_tts_grpc_target: str = "tts.api.cloud.yandex.net:443"
    yandex_tts_grpc_insecure: bool = False
    yandex_tts_http_url: str = "https://tts.api.cloud.yandex.net/speech/v1/tts:synthesize"
    yandex_tts_voice: str = "marina"
    yandex_tts_role: str | None = None
    yandex_tts_speed: float = Field(1.0, ge=0.1, le=3.0)
    yandex_tts_http_voice: str = "marina"

    ari_url: str = "http://127.0.0.1:8088"
    ari_user: str = "asterisk-bot"
    ari_password: SecretStr = SecretStr("")
    ari_app: str = "asterisk-bot"
    media_bind: str | None = None

    transfer_context: str | None = None
    transfer_extension: str | None = None
    transfer_priority: int = Field(1, ge=1, le=1000)

    redis_url: str = "redis://127.0.0.1:6379/0"
    database_url: str | None = None
    db_path: Path = Path("data/db/log_db.sqlite")

    knowledge_base_path: Path = Path("kb/general.md")
    knowledge_base2_path: Path = Path("kb/tech.md")
    prompts_file_path: Path = Path("kb/prompts.json")
    persist_directory: Path = Path("index")
    kb_top_k: int = Field(3, ge=1, le=20)
    kb_fallback_threshold: float = Field(0.2, ge=0, le=1)

    api_secret_key: SecretStr | None = None
    admin_password: SecretStr | None = None
    admin_bind: str = "127.0.0.1:9000"
    metrics_bind: str = "127.0.0.1:9100"

    max_calls: int = Field(100, ge=1, le=1000)
    bot_processes: int = Field(1, ge=1, le=MOST_PROCESSES)
    worker_name: str | None = None
    drain_timeout_s: float = Field(120, ge=0, le=3600)
    timezone: str = "Europe/Moscow"
    retention_days_calls: int = Field(0, ge=0, le=36_500)
    record_calls: bool = False
    recordings_path: Path = Path("data/recordings")
    retention_days_recordings: int = Field(0, ge=0, le=36_500)
    mask_personal_data: bool = False
    log_file: Path | None = Path("data/logs/app.log")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("not a time zone name such as Europe/Moscow") from error
        return name

    @field_validator("ari_url", "openai_base_url", "yandex_tts_http_url")
    @classmethod
    def _http_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/") if url else url

    @field_validator("admin_bind", "metrics_bind")
    @classmethod
    def _host_and_port(cls, bind: str) -> str:
        host, _, port = bind.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError("must be host:port such as 127.0.0.1:9000")
        return bind

    @field_validator("media_bind")
    @classmethod
    def _address_and_port(cls, bind: str | None) -> str | None:
        if bind is None:
            return None
        host, _, port = bind.rpartition(":")
        try:
            ip_address(host.strip("[]"))
        except ValueError as error:
            raise ValueError("must be address:port such as 192.168.0.5:0") from error
        if not port.isdigit() or int(port) > 65535:
            raise ValueError("must end with a port, 0 for any free one")
        return bind

    @field_validator("ari_app")
    @classmethod
    def _plain_name(cls, name: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name):
            raise ValueError("must be 1 to 64 letters, digits, dots, dashes or underscores")
        return name

    @field_validator("worker_name")
    @classmethod
    def _host_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name):
            raise ValueError("must be 1 to 40 letters, digits, dots, dashes or underscores")
        return name

    @field_validator("transfer_context", "transfer_extension")
    @classmethod
    def _dialplan_name(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Za-z0-9_+*#.-]{1,79}", name):
            raise ValueError("must be 1 to 79 letters, digits or signs of _+*#.-")
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which operators read times and day bounds."""
        return ZoneInfo(self.timezone)

    @property
    def database_address(self) -> str:
        """The SQLAlchemy URL of the call log."""
        return self.database_url or f"sqlite:///{self.db_path}"

    @property
    def transfer(self) -> TransferTarget | None:
        """Where callers who ask for a person go; ``None`` when there is nobody to go to."""
        if self.transfer_context is None or self.transfer_extension is None:
            return None
        return TransferTarget(
            self.transfer_context, self.transfer_extension, self.transfer_priority
        )

    @property
    def asr(self) -> Literal["openai", "local"]:
        """The recogniser that ``auto`` stands for."""
        if self.asr_provider == "auto":
            return "openai" if self.openai_api_key else "local"
        return self.asr_provider

    @property
    def llm(self) -> Literal["openai", "extractive"]:
        """The generator that ``auto`` stands for."""
        if self.llm_provider == "auto":
            return "openai" if self.openai_api_key else "extractive"
        return self.llm_provider

    @property
    def tts(self) -> Literal["yandex", "local"]:
        """The synthesiser that ``auto`` stands for."""
        if self.tts_provider == "auto":
            return "yandex" if self.yandex_api_key or self.yandex_iam_token else "local"
        return self.tts_provider

    @property
    def embeddings(self) -> Literal["openai", "sentence-transformers", "local"]:
        """The embedder that ``auto`` stands for."""
        return "local" if self.embeddings_provider == "auto" else self.embeddings_provider


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process, checked.

    Raises :class:`SettingError` with one line that names the first wrong variable.
    """
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise SettingError(f"{variable}: {_in_words(first)}") from None
    _check_together(settings)
    return settings


_WORDS = {
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be 0 or 1",
}


def _in_words(error: ErrorDetails) -> str:
    """What is wrong with a value, for somebody who has never heard of pydantic."""
    if error["type"] == "literal_error":
        return f"must be one of {error['ctx']['expected']}"
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return _WORDS.get(error["type"], message)


def _check_together(settings: Settings) -> None:
    """Variables that are each well-formed but do not work together."""
    needs_openai = {
        "ASR_PROVIDER": settings.asr_provider == "openai",
        "LLM_PROVIDER": settings.llm_provider == "openai",
        "EMBEDDINGS_PROVIDER": settings.embeddings_provider == "openai",
    }
    for variable, chosen in needs_openai.items():
        if chosen and not settings.openai_api_key:
            raise SettingError(f"OPENAI_API_KEY: required because {variable}=openai")
    if bool(settings.transfer_context) != bool(settings.transfer_extension):
        missing = "TRANSFER_EXTENSION" if settings.transfer_context else "TRANSFER_CONTEXT"
        raise SettingError(f"{missing}: required because the other half of the place is set")
    has_yandex_key = settings.yandex_api_key or settings.yandex_iam_token
    if settings.tts_provider == "yandex" and not has_yandex_key:
        raise SettingError("YANDEX_API_KEY: required because TTS_PROVIDER=yandex")
