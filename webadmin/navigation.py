"""The sections of the admin, as every page offers them."""

from dataclasses import dataclass

from flask import Flask, current_app, request


@dataclass(frozen=True)
class Section:
    """A section: its name for operators and the endpoint of its first page."""

    title: str
    endpoint: str

    @property
    def blueprint(self) -> str:
        """All pages of the section belong to it."""
        return self.endpoint.partition(".")[0]


SECTIONS = (
    Section("Звонки", "logs.page"),
    Section("Сейчас", "live.page"),
    Section("Базы знаний", "knowledge.page"),
    Section("Подсказки", "prompts.page"),
    Section("Настройки", "settings.page"),
    Section("Отчёты", "reports.page"),
    Section("Без ответа", "unanswered.page"),
    Section("Инструкция", "instruction.page"),
    Section("API", "api.page"),
)


@dataclass(frozen=True)
class Entry:
    """A section as the page at hand shows it; ``current`` is the value of ``aria-current``."""

    title: str
    endpoint: str
    current: str


def init_app(app: Flask) -> None:
    """Give templates ``navigation()``."""
    app.context_processor(lambda: {"navigation": navigation})


def navigation() -> list[Entry]:
    """The sections that this application has, with the current one marked."""
    present = current_app.view_functions
    return [
        Entry(section.title, section.endpoint, _current(section))
        for section in SECTIONS
        if section.endpoint in present
    ]


def _current(section: Section) -> str:
    if request.endpoint == section.endpoint:
        return "page"
    return "true" if request.blueprint == section.blueprint else ""
