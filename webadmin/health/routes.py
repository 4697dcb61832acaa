"""``/``, ``/health/live``, ``/health/ready`` and ``/metrics``."""

from flask import Blueprint, Response, jsonify, url_for
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from webadmin.health.checks import failed_checks
from webadmin.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The admin answers, and where its pages are."""
    return jsonify(status="ok", service="metrotech-voice-admin", pages=url_for("logs.page"))


@blueprint.get("/health/live")
def live() -> ResponseReturnValue:
    """The process answers; nothing else is looked at."""
    return jsonify(status="ok")


@blueprint.get("/health/ready")
def ready() -> ResponseReturnValue:
    """200, or 503 with what is wrong by part; either with the number of the release in service."""
    failed = failed_checks(services())
    release = services().releases.in_service()
    if failed:
        return jsonify(status="unavailable", failed=failed, release=release), 503
    return jsonify(status="ok", failed={}, release=release)


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """This process' memory, time and files; the calls' numbers are the worker's."""
    return Response(generate_latest(services().metrics), content_type=CONTENT_TYPE_LATEST)
