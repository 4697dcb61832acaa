"""How long calls are kept, in an operator's words."""

from datetime import datetime


def kept_words(days: int, next_at: datetime | None) -> str:
    """What stands below the list; ``days`` 0 is for ever, ``next_at`` is in the operators' zone."""
    if not days:
        return "Звонки хранятся, пока их не удалят: срок хранения не задан."
    kept = f"Звонки хранятся {_counted(days)}, потом удаляются навсегда."
    if next_at is None:
        return kept
    return f"{kept} Следующее удаление — в ночь на {next_at:%d.%m.%Y}."


def _counted(days: int) -> str:
    """«1 день», «2 дня», «5 дней»."""
    if days % 100 in (11, 12, 13, 14):
        return f"{days} дней"
    return f"{days} {({1: 'день'} | dict.fromkeys((2, 3, 4), 'дня')).get(days % 10, 'дней')}"
