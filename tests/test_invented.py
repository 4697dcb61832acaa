"""What a recogniser writes when nobody spoke, told from what callers really say."""

import pytest

from bot.asr import Transcript
from bot.asr.invented import heard_text, is_invented

INVENTED = [
    "", "   ", "…", "...", "?!", "♪", "♪♪♪", "♪ музыка ♪", "-", "[музыка]", "(смех)",
    "*играет музыка*", "[Музыка] [Аплодисменты]",
    "Субтитры сделал DimaTorzok", "Субтитры создавал DimaTorzok", "субтитры делал dimatorzok",
    "Субтитры и перевод от Васи", "Субтитры предоставил канал", "Субтитры подогнал «Симон»",
    "Субтитры добавил DimaTorzok.",
    "Редактор субтитров А.Семкин Корректор А.Егорова", "Редактор субтитров А. Синецкая",
    "Корректор А.Егорова", "Субтитры подготовлены сообществом Amara.org",
    "Продолжение следует...", "Продолжение следует…", "ПРОДОЛЖЕНИЕ СЛЕДУЕТ",
    "Продолжение в следующей части", "Спасибо за просмотр!", "Спасибо за просмотр",
    "Спасибо вам за просмотр этого видео.", "Всем спасибо за просмотр!", "Спасибо за внимание.",
    "Благодарю за внимание!", "Спасибо за подписку",
    "Подписывайтесь на канал!", "Подписывайтесь на мой канал и ставьте лайки.",
    "Не забудьте подписаться на канал", "Подпишитесь на канал", "Ставьте лайки!",
    "До новых встреч!", "Всем пока!", "Увидимся в следующем видео",
    "До встречи в следующем выпуске",
    "СПОКОЙНАЯ МУЗЫКА", "Динамичная музыка", "Музыка", "Играет музыка", "Музыкальная заставка",
    "Аплодисменты", "Thank you.", "Thanks for watching!", "Subtitles by the Amara.org community",
    "Эм", "Э-э-э...", "М-м-м", "Хм.", "Эээ", "ааааа", "А", "м", "Мммм",
    "да да да да да да да да", "алло алло алло алло алло алло алло алло",
    "Слышь, а я не знаю, а я не знаю, а я не знаю, а я не знаю, а я не знаю, а",
    "Продолжение следует... Продолжение следует... Продолжение следует...",
    "лалалалалалалала", "Спасибо за просмотр. Подписывайтесь на канал.",
]  # fmt: skip

SPOKEN = [
    "Спасибо", "Спасибо.", "спасибо большое", "Спасибо за ответ!", "Спасибо, до свидания",
    "Спасибо вам за помощь", "Благодарю вас", "Да", "да.", "Нет", "нет, спасибо", "Ага", "угу",
    "да-да-да", "Да, да, да, да", "Продолжайте", "продолжайте, пожалуйста", "Продолжение",
    "Пока", "пока-пока", "До свидания", "До встречи", "Алло", "Алло, алло, алло",
    "5", "Пять", "100", "РЭМ", "кН", "Что?", "Как?", "Ну", "Нам", "Мама", "Хан",
    "Оператор", "Соедините с оператором", "Звук пропал, повторите", "Вас плохо слышно",
    "Какая гарантия на машину РЭМ-100?", "Есть РЭМ на тысячу кН, скорость 5 мм/с при 220 В",
    "ноль ноль пять, ноль ноль семь", "8 800 500 00 00", "10000000",
    "А.С. Пушкин", "Сколько стоит? Сколько стоит машина?", "Где субтитры на обучающем видео?",
    "Подскажите, подписываться на рассылку нужно?", "Что за музыка у вас играет в трубке?",
    "Меня интересует продолжение договора", "Куда подписываться под договором?",
    "не знаю, не знаю", "Очень, очень, очень дорого", "Алло, вы меня слышите? Алло!",
]  # fmt: skip


@pytest.mark.parametrize("text", INVENTED)
def test_invented_text_is_no_turn(text: str) -> None:
    assert is_invented(text)
    assert heard_text(Transcript(text, "local"), voiced_s=5.0) is None


@pytest.mark.parametrize("text", SPOKEN)
def test_what_callers_say_is_kept_word_for_word(text: str) -> None:
    assert not is_invented(text)
    assert heard_text(Transcript(text, "local", 0.2), voiced_s=3.0) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Какая гарантия? Продолжение следует...", "Какая гарантия?"),
        ("Сколько стоит РЭМ-100? Спасибо за просмотр!", "Сколько стоит РЭМ-100?"),
        ("[музыка] Какая гарантия?", "Какая гарантия?"),
        ("Какая гарантия? Субтитры сделал DimaTorzok", "Какая гарантия?"),
        ("Усилие 5.5 кН? Да.", "Усилие 5.5 кН? Да."),
    ],
)
def test_invented_sentences_around_real_ones_are_left_out(text: str, kept: str) -> None:
    assert heard_text(Transcript(text, "openai"), voiced_s=3.0) == kept


def test_a_recogniser_that_doubts_there_was_speech_is_believed() -> None:
    assert heard_text(Transcript("Какая гарантия?", "local", 0.69), voiced_s=2.0) is None
    assert heard_text(Transcript("Какая гарантия?", "local", 0.27), voiced_s=2.0)
    assert heard_text(Transcript("Какая гарантия?", "openai", None), voiced_s=2.0)


def test_more_words_than_fit_into_the_voice_were_not_spoken() -> None:
    text = "Слышь, а я не знаю, что там происходит у них на самом деле"
    assert heard_text(Transcript(text, "openai"), voiced_s=0.3) is None
    assert heard_text(Transcript(text, "openai"), voiced_s=3.0) == text
    assert heard_text(Transcript("Да", "openai"), voiced_s=0.2) == "Да"


def test_a_click_is_no_turn_whatever_was_recognised() -> None:
    assert heard_text(Transcript("Да", "openai"), voiced_s=0.04) is None


def test_long_text_is_judged_in_linear_time() -> None:
    assert not is_invented("слово за слово и ещё одно " + " ".join(map(str, range(20_000))))
