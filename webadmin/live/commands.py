"""What an operator does to a call: told to the worker that has it, as an event of Asterisk's."""

from werkzeug.exceptions import Conflict, ServiceUnavailable

from bot.ari import AriClient, AriError
from bot.transfer import TransferTarget
from webadmin.live.calls import LiveCall

_OVER = "Этот разговор уже закончился."
_TYPED = "Это разговор текстом: у него нет телефонной линии."
_NO_WORKER = "Помощник, который ведёт этот разговор, не работает. Запустите его на сервере."
_NO_ASTERISK = "Asterisk не отвечает панели. Проверьте, что он запущен, и ARI_URL в файле .env."
_NO_TARGET = (
    "В диалплане Asterisk нет места, куда передавать: проверьте TRANSFER_CONTEXT, "
    "TRANSFER_EXTENSION и TRANSFER_PRIORITY в файле .env."
)
_NO_APPLICATION = "Помощник не подключён к Asterisk. Подождите несколько секунд и повторите."


def command(
    ari: AriClient,
    name: str,
    call: LiveCall,
    *,
    is_worker_running: bool,
    target: TransferTarget | None = None,
) -> None:
    """Let the call's worker hear it; ``target`` is where the caller is to be sent, if anywhere.

    Raises 409 when there is nothing to command or nowhere to send to, and 503 when nobody would
    hear it.
    """
    if call.is_over:
        raise Conflict(_OVER)
    if call.is_typed:
        raise Conflict(_TYPED)
    if not is_worker_running:
        raise ServiceUnavailable(_NO_WORKER)
    try:
        if target is not None and not ari.has_target(call.channel_id, target):
            raise Conflict(_NO_TARGET)
        ari.send_user_event(call.app, name, call.channel_id)
    except AriError as error:
        match error.code:
            case 404:
                raise ServiceUnavailable(_NO_APPLICATION) from error
            case 422:
                raise Conflict(_OVER) from error
            case _:
                raise ServiceUnavailable(_NO_ASTERISK) from error
