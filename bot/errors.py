"""Every error the assistant raises on purpose: one family, with the operator's words."""

from typing import Literal

ErrorKind = Literal["transient", "timeout", "quota", "authentication", "permanent"]


class AssistantError(Exception):
    """Something went wrong that an operator can be told about.

    The message is for the operator: it says what happened and what to do.
    ``status`` is the HTTP status that the admin answers with.
    """

    status = 500


class SettingError(AssistantError):
    """A setting is missing or malformed; the message is one line that names the variable."""


class KnowledgeError(AssistantError):
    """A knowledge base, prompts file or index cannot be used."""

    status = 422


class ChangeError(AssistantError):
    """An operator's change cannot be published; nothing has changed. ``status`` 422."""

    status = 422


class BusyError(ChangeError):
    """Another process is changing the same thing now; it can be tried again later."""

    status = 409


class OvertakenError(ChangeError):
    """Somebody else has changed the same thing since the operator began."""

    status = 409


class UnknownReleaseError(ChangeError):
    """There is no release with that number."""

    status = 404


class UnsupportedAsteriskError(AssistantError):
    """The running Asterisk lacks something the worker cannot do without."""


class ProviderError(AssistantError):
    """A service refused, failed or was late.

    ``provider`` is the name it has in the metrics (``openai``, ``yandex-grpc``, …).
    ``kind`` tells what to do: ``transient`` and ``timeout`` may work next time, ``quota``
    needs money or patience, ``authentication`` and ``permanent`` will fail in the same way
    until somebody changes the configuration or the request. ``retry_after_s`` is when the
    service itself says that it can be asked again, in seconds, if it says so.
    """

    status = 502

    def __init__(
        self, provider: str, kind: ErrorKind, message: str, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{provider}: {message}")
        self.provider = provider
        self.kind = kind
        self.retry_after_s = retry_after_s
