"""What each setting means, in the words of whoever has to decide about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Explained:
    """One setting of :class:`bot.livesettings.LiveSettings`; ``name`` is contract.md's."""

    name: str
    title: str
    about: str
    """What it does."""
    advice: str
    """When to change it, and in which direction."""
    kind: Literal["share", "whole", "decimal", "model"]
    range: str = ""
    """The values allowed, for operators."""

    @property
    def variable(self) -> str:
        """The environment variable that counts while operators have not changed it."""
        return self.name.upper()


EXPLAINED = (
    Explained(
        "kb_fallback_threshold",
        "Порог уверенности",
        "Насколько вероятно, что найденный отрывок отвечает на вопрос: число от 0 до 1. Если обе "
        "базы ниже порога, помощник говорит, что ответа нет. Если ниже порога та база, на "
        "которую указали слова вопроса, берётся другая, когда она подходит лучше.",
        "Отвечает не о том — поднимите, отказывает зря — опустите, по нескольку сотых. Ниже "
        "видно, что изменилось бы.",
        "share",
        "от 0 до 1, например 0,2",
    ),
    Explained(
        "kb_top_k",
        "Сколько отрывков",
        "Столько лучших отрывков базы получает модель, когда пишет ответ.",
        "Обычно 3. Если ответы неполны, хотя в базе всё есть, прибавьте один-два. Чем больше "
        "отрывков, тем дольше и дороже ответ и тем чаще в нём лишнее.",
        "whole",
        "целое число от 1 до 20",
    ),
    Explained(
        "llm_model_primary",
        "Модель",
        "Имя модели, которая пишет ответ. Её спрашивают первой.",
        "Меняйте по совету администратора. Кнопка «Проверить» задаст модели вопрос ещё до "
        "сохранения.",
        "model",
    ),
    Explained(
        "llm_model_fallback",
        "Замена",
        "Модель, которую спрашивают, если первая отказала или молчит. Пустое поле — замены нет, "
        "тогда помощник прочтёт отрывок базы дословно.",
        "Лучше всего модель другого семейства: у неё реже бывают те же сбои в то же время.",
        "model",
    ),
    Explained(
        "llm_temperature",
        "Вольность (температура)",
        "Насколько свободно модель выбирает слова. При 0 на один вопрос всегда почти один ответ, "
        "чем выше, тем разнообразнее и ненадёжнее.",
        "Для справочных ответов держите около 0,2. Некоторые модели её не слушают.",
        "decimal",
        "от 0 до 2, например 0,2",
    ),
)
"""In the order of the page."""

TITLES: Mapping[str, str] = {one.name: one.title for one in EXPLAINED}
