"""Checks of what the assistant keeps: the cache, the call log, the prompts and the index."""

import redis

from bot.calllog import CallLog
from bot.checks.check import Check
from bot.embeddings.choose import choose_embedder
from bot.errors import KnowledgeError, SettingError
from bot.index import check_index
from bot.prompts import read_prompts
from bot.settings import Settings

_REDIS_TIMEOUT_S = 1


def _redis(settings: Settings) -> str:
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=_REDIS_TIMEOUT_S) as client:
            version = client.info("server")["redis_version"]
    except (redis.RedisError, ValueError) as error:
        raise SettingError(f"REDIS_URL: {error}") from error
    return f"Redis {version}"


def _database(settings: Settings) -> str:
    calllog = CallLog(settings.database_address)
    try:
        calllog.check()
    finally:
        calllog.close()
    return settings.database_address.partition("://")[0]


def _prompts(settings: Settings) -> str:
    prompts = read_prompts(settings.prompts_file_path)
    return f"{settings.prompts_file_path}, знаков в приветствии: {len(prompts.greeting)}"


def _index(settings: Settings) -> str:
    embedder = choose_embedder(settings)
    state = check_index(settings, embedder.model_key)
    if state.status != "fresh":
        raise KnowledgeError(f"{state.status}: {state.why}")
    return f"выпуск тот же, что в файлах; {embedder.model_key}"


REDIS = Check(
    "redis", "Redis", _redis,
    "звонки идут и без него, с кэшем в памяти агента; проверьте REDIS_URL", needed=False,
)  # fmt: skip
DATABASE = Check(
    "call-log", "Журнал звонков", _database,
    "проверьте DATABASE_URL или DB_PATH и права на папку",
)  # fmt: skip
PROMPTS = Check(
    "prompts", "Подсказки", _prompts, "исправьте файл, который называет PROMPTS_FILE_PATH"
)
INDEX = Check("index", "Индекс", _index, "опубликуйте файлы как есть: python -m bot.index")
