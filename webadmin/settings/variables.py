"""The variables of the environment in an operator's words, by what they are about."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Variables that belong together: what each does, by its name in small letters."""

    title: str
    about: Mapping[str, str]


OTHERS = "Прочее"
GROUPS = (
    Group(
        "OpenAI или служба с таким же API",
        {
            "openai_api_key": "ключ; с ним распознавание и ответы идут через OpenAI",
            "openai_base_url": "адрес другой службы или прокси; пусто — сама OpenAI",
        },
    ),
    Group(
        "Распознавание речи",
        {
            "asr_provider": "кто распознаёт: openai, local или auto",
            "asr_model": "модель OpenAI",
            "asr_local_model": "модель Whisper на этой машине",
            "asr_stand_by": "кто распознаёт, когда OpenAI не отвечает: local или none",
        },
    ),
    Group(
        "Ответы",
        {
            "llm_provider": "кто пишет ответ: openai, extractive (цитаты) или auto",
            "answer_within_s": "за сколько секунд ответ должен начаться; модель, которая не "
            "успевает, заменяют цитатой",
        },
    ),
    Group(
        "Векторы (эмбеддинги)",
        {
            "embeddings_provider": "кто считает; после смены — python -m bot.index",
            "embeddings_model": "модель; пусто — обычная",
        },
    ),
    Group(
        "Синтез речи",
        {
            "tts_provider": "кто говорит: yandex, local или auto",
            "yandex_api_key": "ключ сервисного аккаунта",
            "yandex_iam_token": "токен вместо ключа, вместе с папкой",
            "yandex_folder_id": "папка облака, нужна с токеном",
            "yandex_tts_grpc_target": "адрес gRPC",
            "yandex_tts_grpc_insecure": "1 — без шифрования, только для своего прокси",
            "yandex_tts_http_url": "адрес HTTP, если gRPC не отвечает",
            "yandex_tts_voice": "голос",
            "yandex_tts_role": "роль голоса; пусто — обычная",
            "yandex_tts_speed": "скорость речи",
            "yandex_tts_http_voice": "голос для HTTP",
        },
    ),
    Group(
        "Телефония",
        {
            "ari_url": "адрес Asterisk",
            "ari_user": "пользователь ARI",
            "ari_password": "пароль ARI",
            "ari_app": "имя приложения в диалплане",
            "media_bind": "адрес:порт, по которому Asterisk без chan_websocket шлёт звук",
            "transfer_context": "контекст, куда переводят к сотруднику",
            "transfer_extension": "номер, куда переводят к сотруднику",
            "transfer_priority": "приоритет в диалплане",
            "max_calls": "сколько звонков процесс ведёт сразу",
            "bot_processes": "сколько процессов агента",
            "worker_name": "имя сервера среди тех, у кого общий Asterisk; пусто — имя машины",
            "drain_timeout_s": "сколько секунд ждать конца разговоров при остановке",
        },
    ),
    Group(
        "Хранение",
        {
            "redis_url": "кэш",
            "database_url": "база журнала; пусто — файл SQLite",
            "db_path": "файл SQLite",
            "knowledge_base_path": "файл общей базы",
            "knowledge_base2_path": "файл технической базы",
            "prompts_file_path": "файл подсказок",
            "persist_directory": "папка выпусков и индексов",
        },
    ),
    Group(
        "Панель и наблюдение",
        {
            "api_secret_key": "ключ доступа; без него менять ничего нельзя",
            "admin_password": "пароль операторов; без него панель открыта только с этой машины",
            "admin_bind": "где слушает панель",
            "metrics_bind": "где агент отдаёт метрики",
            "retention_days_calls": "сколько дней хранятся звонки; 0 — всегда",
            "record_calls": "1 — разговоры записываются, абоненту об этом говорят",
            "recordings_path": "папка записей разговоров",
            "retention_days_recordings": "сколько дней хранятся записи; 0 — вместе со звонком",
            "mask_personal_data": "1 — номера и имена видны только с ключом",
            "timezone": "пояс, в котором показано время",
            "log_file": "файл журнала программы",
            "log_level": "подробность журнала",
        },
    ),
)
