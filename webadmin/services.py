"""What the routes work with, made once by the factory."""

from dataclasses import dataclass

from flask import current_app
from prometheus_client import CollectorRegistry

from bot.calllog import CallLog
from bot.prompts import PromptsFile
from bot.settings import Settings


@dataclass(frozen=True)
class Services:
    """The stores and settings of one application."""

    settings: Settings
    call_log: CallLog
    prompts: PromptsFile
    metrics: CollectorRegistry


def services() -> Services:
    """The services of the application that handles this request."""
    found: Services = current_app.extensions["services"]
    return found
