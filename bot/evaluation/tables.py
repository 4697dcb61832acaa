"""The report's tables, at most 100 columns wide."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.evaluation.effect import Effect
from bot.evaluation.figures import HALVES, NO_BASE, Figure, Summary
from bot.evaluation.measures import BY_NAME, MEASURES, Measure
from bot.evaluation.result import Result
from bot.evaluation.thresholds import Verdict

GROUP_TITLES: Final = {
    "general": "общая база", "tech": "техническая", NO_BASE: "нет ответа",
    "plain": "обычные", "recognised": "распознанные", "numbers": "о числах",
    "follow_up": "продолжения", "other_base": "чужие слова", "no_answer": "без ответа",
    "off_topic": "не о том", "hostile": "враждебные", "small_talk": "реплики",
    "paraphrase": "пересказы", HALVES[0]: "отложенные", HALVES[1]: "остальные",
}  # fmt: skip
"""Names of bases, kinds and halves as the report's rows have them."""
_NOTHING: Final = "–"
_COLUMNS: Final = (
    ("раздел", "1-й", "recall_at_1"),
    ("раздел", "1–3-й", "recall_at_3"),
    ("", "MRR", "mrr"),
    ("нужная", "база", "routing"),
    ("отказ", "зря", "refused_answerable"),
    ("отказ", "верно", "refusal_recall"),
    ("слова", "есть", "contains"),
    ("числа", "точны", "exact_numbers"),
    ("кэш:", "повтор", "cache_repeated"),
    ("кэш:", "переск", "cache_paraphrases"),
)
_BAR: Final = 28


def measures_table(result: Result) -> Iterator[str]:
    """Every measure with its threshold, its value in the last run and in both halves."""
    before = result.comparison.figures if result.comparison else {}
    verdicts = {verdict.threshold.measure: verdict for verdict in result.verdicts}
    yield f"  {'':<44} {'всего':>14}  {'порог':>7} {'было':>7} {'отлож.':>7} {'остальн.':>9}"
    for measure in MEASURES:
        figure, verdict = result.total.figures.get(measure.name), verdicts.get(measure.name)
        if figure is None and verdict is None:
            continue
        halves = [_of_half(result.by_half, half, measure) for half in HALVES]
        yield (
            f"{_sign(verdict)} {measure.title:<44} {_value(figure):>5} {_of(figure):>8}"
            f"  {_limit(verdict):>7} {_value(before.get(measure.name)):>7}"
            f" {halves[0]:>7} {halves[1]:>9}"
        ).rstrip()


def _sign(verdict: Verdict | None) -> str:
    return " " if verdict is None or verdict.met else "✗"


def _value(figure: Figure | None) -> str:
    if figure is None:
        return _NOTHING
    return _number(figure.value, is_count=figure.is_count)


def _of(figure: Figure | None) -> str:
    if figure is None or figure.is_count or figure.total != int(figure.total):
        return ""
    return f"{figure.total:.0f}/{figure.of}"


def _limit(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    sign = "≤" if verdict.threshold.at_most else "≥"
    is_count = BY_NAME[verdict.threshold.measure].is_count
    return f"{sign} {_number(verdict.threshold.value, is_count=is_count)}"


def _number(value: float, *, is_count: bool) -> str:
    """Shares have three digits: 0.945 must not look like the 0.95 that it misses."""
    return f"{value:.0f}" if is_count else f"{value:.3f}"


def _of_half(halves: Mapping[str, Summary], half: str, measure: Measure) -> str:
    summary = halves.get(half)
    return _value(summary.figures.get(measure.name) if summary else None)


def groups_table(result: Result) -> Iterator[str]:
    """The main measures by base, kind and half; a dash where one does not apply."""
    above = "".join(f"{column[0]:>7}" for column in _COLUMNS)
    below = "".join(f"{column[1]:>7}" for column in _COLUMNS)
    yield f"  {'':<14}{'':>6}{above}{'ответ':>7}".rstrip()
    yield f"  {'':<14}{'вопр.':>6}{below}{'мс':>7}"
    for groups in (result.by_base, result.by_kind, result.by_half):
        for name, summary in groups.items():
            cells = "".join(f"{_value(summary.figures.get(c[2])):>7}" for c in _COLUMNS)
            ms = f"{summary.total_ms.p50:.0f}" if summary.total_ms else _NOTHING
            yield f"  {GROUP_TITLES[name]:<14}{summary.questions:>6}{cells}{ms:>7}"
        yield ""


def effect_table(effects: Sequence[Effect], in_force: float) -> Iterator[str]:
    """What each threshold refuses, as bars; an arrow at the one that is in force."""
    yield f"         {'отказано, хотя ответ есть':<{_BAR + 8}}отказано, когда ответа нет"
    for effect in effects:
        sign = "→" if abs(effect.threshold - in_force) < 1e-9 else " "
        wrong, right = _bar(effect.refused_answerable), _bar(effect.refused_no_answer)
        yield f"{sign} {effect.threshold:.2f}   {wrong:<{_BAR + 8}}{right}".rstrip()


def _bar(share: float | None) -> str:
    if share is None:
        return _NOTHING
    return f"{share:.2f} {'█' * round(share * _BAR)}".rstrip()
