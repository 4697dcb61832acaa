"""Rows 2, 3, 9 and 10 in the same minute: thirty lines on which the assistant only listens."""

from concurrent.futures import ThreadPoolExecutor

from tests.bench.behaviours import phantoms, talking
from tests.bench.behaviours.lab import Lab
from tests.bench.figures import Figure

CALLERS = 14
THANKS_CALLS, THANKS_EACH = 5, 4


def measure_listening(lab: Lab) -> list[Figure]:
    """Callers who pause and dictate, callers who say thanks, and lines where nobody speaks."""
    lab.usual()
    lab.ear.expect_nothing(*phantoms.INVENTED)
    pausing, dictating = talking.sentences_with_pauses(lab), talking.dictations(lab)
    sayings = pausing + dictating
    sounds = phantoms.lines_without_voice()
    with ThreadPoolExecutor(64) as pool:
        minutes = [pool.submit(phantoms.one_minute, lab, sound) for sound in sounds]
        minutes.append(pool.submit(phantoms.one_minute, lab, b"", send_silence=False))
        thanks = [pool.submit(phantoms.thanks, lab, THANKS_EACH) for _ in range(THANKS_CALLS)]
        talks = [
            pool.submit(talking.say_all, lab.caller("talking"), lab, sayings[n::CALLERS])
            for n in range(CALLERS)
        ]
        spoken = [one for talk in talks for one in talk.result()]
        kept = sum(one.result() for one in thanks)
        empty = [one.result() for one in minutes]
    names = {saying.texts for saying in dictating}
    return [
        *_pauses([one for one in spoken if one.pieces not in names]),
        *_speculation(lab, spoken),
        *_phantoms(empty, kept),
        _dictations([one for one in spoken if one.pieces in names]),
        _reminders(empty),
    ]


def _pauses(spoken: list[talking.Spoken]) -> list[Figure]:
    count = sum(len(one.pauses_s) for one in spoken)
    cut = sum(len(one.cut_at) for one in spoken)
    share = 100 * cut / count
    return [
        Figure("2 pauses of 0.2…1.2 s inside a sentence that ended the turn", "%", share, share,
               count, "≤ 5 %", share <= 5)
    ]  # fmt: skip


def _speculation(lab: Lab, spoken: list[talking.Spoken]) -> list[Figure]:
    """Heard before the commit; and what was asked of the services beyond one request a turn."""
    early = sum(one.heard_early and not one.cut_at for one in spoken)
    turns = len(spoken) + THANKS_CALLS * THANKS_EACH
    wasted = lab.openai.count("transcription") / turns - 1
    model = lab.openai.count("chat") / len(spoken)
    return [
        Figure("3 sentences over which something uncommitted was heard", "", early, early,
               len(spoken), "0", early == 0),
        Figure("… recognitions beyond one a turn (pauses, noises)", "", wasted, wasted, turns),
        Figure("… model requests a turn (one question twice is answered once)", "", model, model,
               len(spoken)),
    ]  # fmt: skip


def _phantoms(minutes: list[phantoms.Minute], kept: int) -> list[Figure]:
    turns, said = sum(one.turns for one in minutes), THANKS_CALLS * THANKS_EACH
    return [
        Figure("9 turns in call-minutes of silence, hum, hiss, music, coughs", "", turns, turns,
               len(minutes), "0", turns == 0),
        Figure("… a real «спасибо» kept", "", kept, kept, said, f"{said} of {said}", kept == said),
    ]  # fmt: skip


def _dictations(spoken: list[talking.Spoken]) -> Figure:
    cut = sum(bool(one.cut_at) for one in spoken)
    return Figure("10 dictated numbers and names cut off", "", cut, cut, len(spoken),
                  f"0 of {len(spoken)}", cut == 0)  # fmt: skip


def _reminders(minutes: list[phantoms.Minute]) -> Figure:
    off = phantoms.reminders_off_s([minutes[0], minutes[1], minutes[-1]]) or [99.0]
    return Figure("15 idle: prompts at 7, 15 and goodbye at 25 s (most seconds off)", "s",
                  sorted(off)[len(off) // 2], max(off), len(off), "± 0.5 s",
                  max(off) <= 0.5)  # fmt: skip
