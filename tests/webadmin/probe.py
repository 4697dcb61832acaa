"""A section for tests: a page with every way of asking for a change, and routes that count.

It stands on the real application as any other feature does.
"""

from dataclasses import dataclass, field
from threading import Event

from flask import (
    Blueprint,
    Flask,
    Response,
    jsonify,
    make_response,
    render_template_string,
    request,
)
from flask.typing import ResponseReturnValue

from bot.errors import AssistantError
from webadmin.apikey import key_required
from webadmin.author import author
from webadmin.background import Report
from webadmin.jobs import accepted
from webadmin.services import services
from webadmin.toasts import add_toast, toast_on_next_page

PAGE = """
{% extends "layout.html" %}
{% block title %}Проба{% endblock %}
{% block main %}
  <h1>Проба</h1>
  <p><label>Поиск <input id="words" type="search" name="q"></label></p>
  <button id="change" hx-post="/logs-ui/probe/change" hx-swap="none">Изменить</button>
  <button id="sure" hx-delete="/logs-ui/probe/change" hx-confirm="Удалить всё?"
          hx-swap="none">Удалить</button>
  <button id="free" hx-post="/logs-ui/probe/free" hx-swap="none" data-no-key>Проверить</button>
  <button id="peek" hx-get="/logs-ui/probe/secret" hx-swap="none" data-needs-key>Показать</button>
  <div><button id="slow" hx-get="/logs-ui/probe/slow" hx-swap="none">Ждать</button></div>
  <button id="crash" hx-get="/logs-ui/probe/crash" hx-swap="none">Сломать</button>
  <button id="work" hx-post="/logs-ui/probe/work" hx-target="#job">Работать</button>
  <div id="job">{% with job = services().jobs.latest("probe") %}
    {% if job %}{% include "job.html" %}{% endif %}{% endwith %}</div>
  <form hx-post="/logs-ui/probe/file" hx-encoding="multipart/form-data" hx-swap="none">
    <label>Файл <input id="file" type="file" name="file"></label>
    <button id="send">Отправить</button>
  </form>
  <table><tbody>
    {% for row in range(3) %}<tr><td><a id="row-{{ row }}" href="#">Строка {{ row }}</a></td></tr>
    {% endfor %}
  </tbody></table>
{% endblock %}
"""


@dataclass
class Probe:
    """The section, and what its routes saw."""

    changes: list[str] = field(default_factory=list)
    may_go_on: Event = field(default_factory=Event)

    def add_to(self, app: Flask) -> None:
        """Put the section into an application that has not served yet."""
        blueprint = Blueprint("probe", __name__)
        add = blueprint.add_url_rule
        add("/logs-ui/probe", view_func=self.page)
        add(
            "/logs-ui/probe/change", view_func=key_required(self.change), methods=["POST", "DELETE"]
        )
        add("/logs-ui/probe/free", view_func=self.free, methods=["POST"])
        add("/logs-ui/probe/secret", view_func=key_required(self.secret))
        add("/logs-ui/probe/file", view_func=key_required(self.file), methods=["POST"])
        add("/logs-ui/probe/work", view_func=key_required(self.work), methods=["POST"])
        for path in ("/logs-ui/probe/crash", "/probe/crash"):
            add(path, path.replace("/", "-"), view_func=self.crash)
        add("/logs-ui/probe/slow", view_func=self.slow)
        add("/logs-ui/probe/flash", view_func=self.flashed)
        add("/logs-ui/probe/refuse/<int:status>", view_func=self.refuse)
        app.register_blueprint(blueprint)

    def page(self) -> ResponseReturnValue:
        return render_template_string(PAGE, services=services)

    def flashed(self) -> ResponseReturnValue:
        toast_on_next_page("success", "Удалено <b>всё</b>.")
        return self.page()

    def change(self) -> ResponseReturnValue:
        self.changes.append(f"{request.method} {author()}")
        return add_toast(make_response(jsonify(ok=True)), "success", "Изменено.")

    def free(self) -> ResponseReturnValue:
        self.changes.append(f"free {request.headers.get('X-API-Key')}")
        return add_toast(Response(), "success", "Проверено.")

    def secret(self) -> ResponseReturnValue:
        return add_toast(Response(), "success", "Показано.")

    def file(self) -> ResponseReturnValue:
        file = request.files["file"]
        self.changes.append(f"{file.filename} {len(file.read())}")
        return add_toast(Response(), "success", "Загружено.")

    def work(self) -> ResponseReturnValue:
        return accepted(services().jobs.start("probe", author(), self.slowly, title="Проба сил"))

    def slowly(self, report: Report) -> str:
        report(1, 3, "Считаю")
        self.may_go_on.wait(60)
        return "посчитано."

    def slow(self) -> ResponseReturnValue:
        self.may_go_on.wait(60)
        return add_toast(Response(), "success", "Дождались.")

    def crash(self) -> ResponseReturnValue:
        raise ZeroDivisionError("the secret is 42")

    def refuse(self, status: int) -> ResponseReturnValue:
        error = AssistantError("Не вышло: <b>попробуйте</b> иначе.")
        error.status = status
        raise error
