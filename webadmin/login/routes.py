"""``/logs-ui/login`` and ``/logs-ui/logout``."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from webadmin.login.target import safe_target
from webadmin.password import is_password
from webadmin.services import services
from webadmin.sessions import is_signed_in, sign_in, sign_out

_SEE_OTHER = 303
_WRONG = "Пароль не подошёл. Проверьте раскладку и Caps Lock."

blueprint = Blueprint("login", __name__, template_folder="templates")


@blueprint.get("/logs-ui/login")
def page() -> ResponseReturnValue:
    """The password form; whoever needs no password goes on."""
    password = services().settings.admin_password
    if password is None or is_signed_in(password):
        return _go_on()
    return render_template("login/login.html", target=_target(), problem="")


@blueprint.post("/logs-ui/login")
def enter() -> ResponseReturnValue:
    """Begin a session and go to the page that was wanted, or say that the password is wrong."""
    password = services().settings.admin_password
    if password is None:
        return _go_on()
    try:
        is_right = is_password(request.form.get("password", ""), password)
    except TooManyRequests as error:
        answer = _refusal(error.description or "", 429)
        answer.headers.extend({"Retry-After": str(error.retry_after)})
        return answer
    if not is_right:
        return _refusal(_WRONG, 401)
    sign_in(password)
    return _go_on()


@blueprint.post("/logs-ui/logout")
def leave() -> ResponseReturnValue:
    """End the session in this browser."""
    sign_out()
    return redirect(url_for("login.page"), _SEE_OTHER)


def _target() -> str:
    return safe_target(request.values.get("next", ""), otherwise=url_for("logs.page"))


def _go_on() -> Response:
    return redirect(_target(), _SEE_OTHER)


def _refusal(problem: str, status: int) -> Response:
    page = render_template("login/login.html", target=_target(), problem=problem)
    return make_response(page, status)
