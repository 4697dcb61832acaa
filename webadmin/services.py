"""What the routes work with, made once by the factory."""

from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from prometheus_client import CollectorRegistry

from bot.calllog import CallLog
from bot.releases.store import ReleaseStore
from bot.settings import Settings
from webadmin.background import Jobs
from webadmin.limiting import FailureLimit


@dataclass(frozen=True)
class Services:
    """The stores and settings of one application."""

    settings: Settings
    state: Path
    """The folder of what the admin itself remembers."""
    call_log: CallLog
    releases: ReleaseStore
    metrics: CollectorRegistry
    jobs: Jobs
    wrong_keys: FailureLimit
    wrong_passwords: FailureLimit


def services() -> Services:
    """The services of the application that handles this request."""
    found: Services = current_app.extensions["services"]
    return found
