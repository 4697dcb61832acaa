"""Who we are to SpeechKit, and what its error codes mean for us (protocols.md, 1.2, 1.3)."""

from dataclasses import dataclass, field

from bot.errors import SettingError
from bot.settings import Settings


@dataclass(frozen=True)
class Credentials:
    """A service account's API key, or an IAM token with the folder of its person.

    The key wins when both are given. A folder goes with a token only: the service takes a
    service account's own folder and refuses requests that name another.
    """

    api_key: str | None = field(default=None, repr=False)
    iam_token: str | None = field(default=None, repr=False)
    folder_id: str | None = None

    @property
    def authorization(self) -> str:
        """Value of the ``authorization`` header or metadata."""
        return f"Api-Key {self.api_key}" if self.api_key else f"Bearer {self.iam_token}"

    @property
    def folder_to_send(self) -> str | None:
        """The folder, where one may be named."""
        return None if self.api_key else self.folder_id


def credentials_from(settings: Settings) -> Credentials:
    """The configured credentials.

    Raises :class:`SettingError` for a secret that cannot be sent in a header, which gRPC
    would report as a fault of the server.
    """
    key, token = settings.yandex_api_key, settings.yandex_iam_token
    credentials = Credentials(
        api_key=_sendable("YANDEX_API_KEY", key.get_secret_value() if key else None),
        iam_token=_sendable("YANDEX_IAM_TOKEN", token.get_secret_value() if token else None),
        folder_id=_sendable("YANDEX_FOLDER_ID", settings.yandex_folder_id),
    )
    if not credentials.api_key and not credentials.iam_token:
        raise SettingError("YANDEX_API_KEY: required for the voice of Yandex")
    return credentials


def _sendable(variable: str, value: str | None) -> str | None:
    stripped = value.strip() if value else None
    if stripped and not (stripped.isascii() and stripped.isprintable() and " " not in stripped):
        raise SettingError(f"{variable}: must be printable ASCII without spaces")
    return stripped or None
