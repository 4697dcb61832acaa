"""What the routes work with, made once by the factory."""

from dataclasses import dataclass

from flask import current_app
from prometheus_client import CollectorRegistry

from bot.calllog import CallLog
from bot.releases.store import ReleaseStore
from bot.settings import Settings


@dataclass(frozen=True)
class Services:
    """The stores and settings of one application."""

    settings: Settings
    call_log: CallLog
    releases: ReleaseStore
    metrics: CollectorRegistry


def services() -> Services:
    """The services of the application that handles this request."""
    found: Services = current_app.extensions["services"]
    return found
