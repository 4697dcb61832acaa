"""The application factory: every step of the set-up is one function."""

from pathlib import Path

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from bot.calllog import CallLog
from bot.calllog.retention import period_of, period_of_recordings
from bot.recording.folder import RecordingFolder
from bot.recording.keeper import RecordingKeeper
from bot.records import now
from bot.releases.store import ReleaseStore
from bot.settings import Settings, load_settings
from webadmin import (
    access,
    answering,
    api,
    apikey,
    compression,
    csrf,
    errors,
    health,
    instruction,
    jobs,
    knowledge,
    live,
    login,
    logs,
    navigation,
    personal,
    prompts,
    questionlimit,
    reports,
    rownumbers,
    sessions,
    stopping,
    takenup,
    unanswered,
    ws,
)
from webadmin import settings as settings_pages
from webadmin.background import Jobs
from webadmin.extensions import htmx
from webadmin.limiting import FailureLimit
from webadmin.services import Services

_READ_WAIT_S = 5.0
"""A page may wait longer for the database than a call."""

_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The admin, ready to serve.

    Without ``settings`` they are read from the environment; a wrong one raises
    :class:`bot.errors.SettingError`.
    """
    app = Flask(__name__)
    settings = settings or load_settings()
    _setup_json(app)
    _setup_services(app, settings)
    _setup_recordings(app, settings)
    _setup_templates(app)
    _setup_headers(app)
    rownumbers.init_app(app)
    htmx.init_app(app)
    sessions.init_app(app, _state_folder(settings))
    for guard in (access, csrf, apikey, errors, navigation, compression):
        guard.init_app(app)
    for shared in (answering, questionlimit, stopping):
        shared.init_app(app)
    for feature in (
        health,
        login,
        personal,
        logs,
        jobs,
        api,
        ws,
        knowledge,
        prompts,
        takenup,
        live,
        settings_pages,
        reports,
        unanswered,
        instruction,
    ):
        app.register_blueprint(feature.blueprint)
    return app


def _state_folder(settings: Settings) -> Path:
    """What the admin itself remembers is beside the call log's file."""
    return settings.db_path.parent / "admin"


def _setup_json(app: Flask) -> None:
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    provider.sort_keys = False
    app.json = provider


def _setup_services(app: Flask, settings: Settings) -> None:
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    app.extensions["services"] = Services(
        settings=settings,
        state=_state_folder(settings),
        call_log=CallLog(
            settings.database_address, wait_s=_READ_WAIT_S, period=period_of(settings)
        ),
        releases=ReleaseStore(settings.persist_directory),
        metrics=registry,
        jobs=Jobs(_state_folder(settings) / "jobs", now, settings.zone),
        wrong_keys=FailureLimit(),
        wrong_passwords=FailureLimit(),
    )


def _setup_recordings(app: Flask, settings: Settings) -> None:
    """Recordings go with the calls that are deleted here, also while no worker runs."""
    folder = RecordingFolder(settings.recordings_path)
    if settings.record_calls or folder.path.is_dir():
        call_log = app.extensions["services"].call_log
        RecordingKeeper(folder, call_log, period_of_recordings(settings)).start()


def _setup_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _setup_headers(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static":
        return response
    # What callers said stays out of every cache on the way.
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        # One address answers with a page or with its fragment.
        response.vary.add("HX-Request")
    return response
