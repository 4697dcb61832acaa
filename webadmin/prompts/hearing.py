"""«Послушать»: a phrase of the form as callers would hear it."""

import io

from flask import make_response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from bot.errors import ChangeError
from bot.promptvariables import filled, told_unknown, unknown_variables
from bot.sentences import cut_sentences
from webadmin.prompts.blueprint import blueprint, count_listening, previews
from webadmin.prompts.form import variables_of
from webadmin.prompts.spoken import Preview

LONGEST = 1000
_GONE = "Этой записи больше нет. Нажмите «Послушать» ещё раз."


@blueprint.post("/logs-ui/prompts/speech")
def speak() -> ResponseReturnValue:
    """Have the text at ``place`` spoken; the answer tells how far it is and asks again."""
    place = request.form.get("place", "")
    text = _sayable(request.form.get(place, ""))
    count_listening(request.remote_addr or "")
    # As callers get it: an answer to small talk sentence by sentence, all else in one piece.
    sentences = cut_sentences(text) if place.startswith("small_talk.") else [text]
    return _shown(previews().begin(sentences))


@blueprint.get("/logs-ui/prompts/speech/<preview_id>")
def progress(preview_id: str) -> ResponseReturnValue:
    """How far it is: words, the player, or what went wrong."""
    return _shown(_preview_or_404(preview_id))


@blueprint.get("/logs-ui/prompts/speech/<preview_id>/sound.wav")
def sound(preview_id: str) -> ResponseReturnValue:
    """The sound itself."""
    preview = _preview_or_404(preview_id)
    if preview.state != "ready":
        raise NotFound(_GONE)
    return send_file(io.BytesIO(preview.wav), "audio/wav", conditional=True, max_age=0)


def _sayable(text: str) -> str:
    variables = variables_of(request.form)
    for name in unknown_variables(text, variables):
        raise ChangeError(f"Так не прочесть: {told_unknown(name, variables)}.")
    said = " ".join(filled(text, variables).split())
    if not said:
        raise BadRequest("Напишите, что сказать.")
    if len(said) > LONGEST:
        raise BadRequest(f"Слишком длинно: вслух читается не больше {LONGEST} знаков.")
    return said


def _shown(preview: Preview) -> ResponseReturnValue:
    return make_response(render_template("prompts/speech.html", preview=preview))


def _preview_or_404(preview_id: str) -> Preview:
    found = previews().get(preview_id)
    if found is None:
        raise NotFound(_GONE)
    return found
