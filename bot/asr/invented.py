"""Which of a recogniser's words nobody said.

Whisper was trained on subtitles and writes their closing lines when it hears silence, noise,
hum or music (offline-stack.md; protocols.md, 2.1).
"""

import re

from bot.asr import Transcript

MAX_NO_SPEECH_PROB = 0.6
"""Speech has at most 0.27, silence and noise 0.69…0.86 (offline-stack.md)."""
MIN_VOICED_S = 0.1
MAX_LETTERS_PER_S = 40.0
"""Fast Russian is some 20 letters a second; more were not spoken in so little voice."""
SLACK_S = 0.4
"""The voice detector opens late and closes early."""

NEVER_SPOKEN = re.compile(
    r"dimatorzok|amara org|субтитр\w* (сдела|созда|дела|подог|подгот|добав|предостав)"
    r"|редактор субтитров|корректор [а-я] [а-я]+|subtitles by"
)
CLOSING_LINE = re.compile(
    r"""
    субтитры(\ .{0,40})? | продолжение\ (следует|в\ следующ\w+\ \w+)
  | (всем\ )?(спасибо|благодар\w+)(\ (вам|всем))?\ за\ (просмотр|внимание|подписку)(\ .{0,30})?
  | (не\ забудьте\ )?(подписывайтесь|подпишитесь|подписаться)(\ (и|на)\ .{0,60})?
  | .{0,20}став(ьте|им)\ лайк\w*(\ .{0,60})?
  | (всем\ )?(до\ новых\ встреч|до\ новых\ видео) | всем\ пока(\ пока)*
  | (увидимся|до\ встречи)\ в\ следующ\w+\ (видео|раз\w*|выпуск\w*|сери\w+)
  | (\w+ая\ )?музыка(\ играет)? | играет(\ \w+ая)?\ музыка | музыкальная\ заставка
  | аплодисменты | смех | (thanks?|thank\ you)\ for\ watching | thank\ you | you | bye
    """,
    re.VERBOSE,
)
HESITATION = re.compile(r"(а+|э+м*|хм+|гм+|м+)( (а+|э+м*|хм+|гм+|м+))*")
SYLLABLE_LOOP = re.compile(r"([^\W\d]{1,3})\1{5,}")
STAGE_DIRECTION = re.compile(r"\[[^]]*\]|\([^)]*\)|\*[^*]*\*|♪[^♪]*♪?")
SENTENCE_END = re.compile(r"(?:(?<=\w\w[.!?…])|(?<=[.!?…]{2}))\s+")
"""Not after an initial: «А. Семкин»."""
LOOP_OF_ONE, LOOP_OF_MANY, LONGEST_UNIT = 6, 4, 12
"""A word six times over («алло, алло, алло» is speech), or a phrase four times over …"""
LOOP_SHARE = 0.6
"""… that makes up this much of the text."""


def heard_text(transcript: Transcript, voiced_s: float) -> str | None:
    """What the caller said, or None when it was nothing.

    ``voiced_s`` is how long the voice detector heard voice. Invented sentences before or after
    real ones are left out.
    """
    prob = transcript.no_speech_prob
    if voiced_s < MIN_VOICED_S or (prob is not None and prob > MAX_NO_SPEECH_PROB):
        return None
    if is_invented(transcript.text):
        return None
    text = _spoken_part(transcript.text)
    if len(re.sub(r"\W", "", text)) > MAX_LETTERS_PER_S * (voiced_s + SLACK_S):
        return None
    return text


def is_invented(text: str) -> bool:
    """Whether ``text`` holds nothing that a caller said: no words, a subtitle's closing line,
    a hesitation, a loop."""
    words = _words(_spoken_part(text))
    plain = " ".join(words)
    if not words or (len(plain) == 1 and not plain.isdigit()):
        return True
    return bool(
        HESITATION.fullmatch(plain)
        or SYLLABLE_LOOP.search(plain)
        or _is_closing_line(plain)
        or _is_loop(words)
    )


def _spoken_part(text: str) -> str:
    """``text`` without stage directions and without the sentences of a subtitler."""
    sentences = SENTENCE_END.split(STAGE_DIRECTION.sub(" ", text))
    kept = (s for s in sentences if not _is_closing_line(" ".join(_words(s))))
    return " ".join(kept).strip()


def _is_closing_line(plain: str) -> bool:
    return bool(CLOSING_LINE.fullmatch(plain) or NEVER_SPOKEN.search(plain))


def _is_loop(words: list[str]) -> bool:
    """Whether most of the words are one word or phrase said over and over."""
    for unit in range(1, min(LONGEST_UNIT, len(words) // LOOP_OF_MANY) + 1):
        times = LOOP_OF_ONE if unit == 1 else LOOP_OF_MANY
        least = max(times * unit, LOOP_SHARE * len(words))
        if _longest_repetition(words, unit) >= least:
            return True
    return False


def _longest_repetition(words: list[str], unit: int) -> int:
    """How many words in a row repeat with a period of ``unit`` words."""
    longest = run = 0
    for before, after in zip(words, words[unit:], strict=False):
        run = run + 1 if before == after else 0
        longest = max(longest, run)
    return longest + unit if longest else 0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
