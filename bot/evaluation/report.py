"""The report of an evaluation, in Russian, for a terminal of 100 columns."""

from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from bot.evaluation.figures import Times
from bot.evaluation.listing import changes, failures, folded
from bot.evaluation.result import Result, is_kept
from bot.evaluation.tables import effect_table, groups_table, measures_table
from bot.russian.number_words import counted

_TIME = "%d.%m.%Y %H:%M"


def report(result: Result, zone: ZoneInfo) -> str:
    """Everything but the list of wrong answers, which :func:`failed_report` has."""
    return "\n".join(_lines(result, zone))


def failed_report(result: Result) -> str:
    """The questions that were answered wrong, each with what was found."""
    wrong = [one for one in result.judged if one.remarks]
    summary = f"Хоть что-то неверно в {len(wrong)} из {len(result.judged)} ответов."
    lines = [*failures(wrong), summary, *_verdict(result)]
    return "\n".join(lines)


def _lines(result: Result, zone: ZoneInfo) -> Iterator[str]:
    yield from _head(result, zone)
    yield "\nПОКАЗАТЕЛИ"
    yield from measures_table(result)
    yield "  ✗ — хуже порога; отлож. — половина вопросов, по которой ничего не настраивают."
    yield "\nПО БАЗАМ, ВИДАМ ВОПРОСОВ И ПОЛОВИНАМ"
    yield from groups_table(result)
    yield "  раздел 1-й, 1–3-й — recall@1 и @3; отказ зря — отказано, хотя ответ есть;"
    yield "  слова есть — в ответе всё нужное; ответ, мс — за сколько готова половина ответов.\n"
    yield "ВРЕМЯ И ЗАПРОСЫ"
    yield from _costs(result)
    yield "\nПОРОГ ОТВЕТА (KB_FALLBACK_THRESHOLD): доля отказов при каждом его значении"
    yield from effect_table(result.effects, result.circumstances.threshold)
    yield "  Выше действующего порога (→) это оценка сверху: вторую базу спрашивали не всегда."
    yield from _unanswered(result)
    yield from _stood_in(result)
    yield from _comparison(result, zone)
    wrong = sum(bool(one.remarks) for one in result.judged)
    yield f"\nХоть что-то неверно в {wrong} из {len(result.judged)} ответов (--failed покажет их)."
    if not is_kept(result):
        yield "Эта оценка не запомнена: она неполная или в ней были сбои."
    yield from _verdict(result)


def _head(result: Result, zone: ZoneInfo) -> Iterator[str]:
    facts = result.circumstances
    asked_at = facts.asked_at.astimezone(zone).strftime(_TIME)
    number = len(result.judged)
    questions = f"{number} {counted(str(number), 'вопрос', 'вопроса', 'вопросов')}"
    yield f"Оценка ответов: {facts.file}, {questions}, {asked_at}, {facts.seconds:.0f} с"
    yield (
        f"Ответы: {facts.llm}; векторы: {facts.embeddings}; порог {facts.threshold:g}; "
        f"выпуск {', '.join(map(str, result.releases)) or '–'}"
    )
    if len(result.releases) > 1:
        yield "Внимание: во время оценки сменился выпуск, показатели смешаны."


def _costs(result: Result) -> Iterator[str]:
    total = result.total
    if total.first_sentence_ms and total.total_ms:
        yield f"  до первого предложения: {_times(total.first_sentence_ms)}"
        yield f"  до конца ответа:        {_times(total.total_ms)}"
    each = [f"{name} {made / total.questions:.2f}" for name, made in total.requests.items()]
    every = [f"{name} {made}" for name, made in result.requests.items()]
    yield f"  запросов на вопрос:     {', '.join(each) or 'нет'}"
    yield f"  запросов за оценку:     {', '.join(every) or 'нет'} (с проверкой кэша)"


def _times(times: Times) -> str:
    return f"половина за {times.p50:.0f} мс, 95 из 100 за {times.p95:.0f} мс"


def _unanswered(result: Result) -> Iterator[str]:
    """Questions that a service failed to answer: never left out, whatever else is shown."""
    failed = [one for one in result.outcomes if one.failure]
    if failed:
        yield f"\nНЕ ОТВЕЧЕНО ИЗ-ЗА СБОЯ: {len(failed)} (с проверкой кэша)"
        for one in failed:
            yield from folded(one.failure, f"  {one.question.id}: ")


def _stood_in(result: Result) -> Iterator[str]:
    """Failures that callers did not notice, as a stand-by answered: figures are then its own."""
    failures = Counter(failure for one in result.outcomes for failure in one.trace.fallbacks)
    if failures:
        reasons = ", ".join(f"{reason} — {count}" for reason, count in failures.most_common())
        yield f"\nСБОИ, ПРИ КОТОРЫХ ОТВЕТИЛ ЗАПАСНОЙ: {failures.total()} ({reasons})"


def _comparison(result: Result, zone: ZoneInfo) -> Iterator[str]:
    comparison = result.comparison
    if comparison is None:
        yield "\nСравнить не с чем: это первая оценка таких вопросов."
        return
    asked_at = comparison.asked_at.astimezone(zone).strftime(_TIME)
    yield f"\nПО СРАВНЕНИЮ С ОЦЕНКОЙ {asked_at}"
    if comparison.new:
        yield f"  Новых или изменённых вопросов: {comparison.new}, они не сравниваются."
    yield f"  Стало хуже: {len(comparison.worse)}"
    yield from changes(comparison.worse, with_found=True)
    yield f"  Стало лучше: {len(comparison.better)}"
    yield from changes(comparison.better, with_found=False)


def _verdict(result: Result) -> Iterator[str]:
    missed = sum(not verdict.met for verdict in result.verdicts)
    if missed:
        yield f"Порогов не выполнено: {missed} из {len(result.verdicts)}."
    else:
        yield f"Все пороги выполнены: {len(result.verdicts)}."
