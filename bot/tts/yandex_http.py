"""Speech by Yandex SpeechKit API v1 over HTTP, the stand-by of v3 (protocols.md, 1.4)."""

import uuid
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError

from bot.audio import RATE_HZ
from bot.deadline import Deadline
from bot.errors import ErrorKind, ProviderError
from bot.failover.retryafter import retry_after_s
from bot.tts.clauses import clauses
from bot.tts.pace import NORMAL
from bot.tts.pcm import whole_samples
from bot.tts.yandex_account import Credentials
from bot.tts.yandex_text import in_words
from bot.tts.yandex_voices import paced, role_for_v1, voice_for_v1

FIRST_AUDIO_S = 2.0
_LONGEST_CHARACTERS = 2000
"""The body may have 15 KB (protocols.md, 1.3) and a Cyrillic letter takes six bytes of it."""
_CONNECTIONS = 64
_READ_BYTES = 3200

_KINDS: Final[Mapping[int, ErrorKind]] = {
    400: "permanent",
    401: "authentication",
    403: "authentication",
    404: "permanent",
    408: "timeout",
    413: "permanent",
    429: "quota",
    500: "transient",
    503: "transient",
    504: "timeout",
}
"""Any other status is ``transient`` from 500 on and ``permanent`` below (protocols.md, 1.3)."""


class YandexHttp:
    """One shared session; see :class:`bot.tts.Synthesiser`.

    ``voice`` and ``role`` may be of v3: a voice that v1 lacks is replaced by one of the same
    sex, a role that the voice lacks is left out. ``first_audio_s`` is the longest wait for
    the connection and for each piece of the answer.
    """

    name = "yandex-http"

    def __init__(
        self,
        credentials: Credentials,
        url: str,
        voice: str = "marina",
        role: str | None = None,
        speed: float = 1.0,
        first_audio_s: float = FIRST_AUDIO_S,
    ) -> None:
        self._credentials = credentials
        self._url = url
        self._voice = voice_for_v1(voice)
        self._role = role_for_v1(self._voice, role)
        self._speed = speed
        self._first_audio_s = first_audio_s
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=_CONNECTIONS)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @property
    def voice_key(self) -> str:
        """See :class:`bot.tts.Synthesiser`."""
        return f"{self.name}:{self._voice}:{self._role or ''}:{self._speed}"

    def warm_up(self) -> None:
        """Nothing to make ready."""

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._session.close()

    def synthesise(self, text: str, deadline: Deadline, pace: float = NORMAL) -> Generator[bytes]:
        """See :class:`bot.tts.Synthesiser`; closing the iterator closes the connection."""
        for clause in clauses(in_words(text), _LONGEST_CHARACTERS):
            yield from self._speak(self._form(clause, paced(self._speed, pace)), deadline)

    def _speak(self, form: dict[str, str], deadline: Deadline) -> Generator[bytes]:
        try:
            with self._post(form, deadline) as response:
                if response.status_code != requests.codes.ok:
                    raise self._refusal(response)
                yield from whole_samples(self._audio(response, deadline))
        except requests.Timeout as error:
            raise ProviderError(self.name, "timeout", "no audio in time") from error
        except requests.RequestException as error:
            raise self._broken(error) from error

    def _post(self, form: dict[str, str], deadline: Deadline) -> requests.Response:
        headers = {
            "Authorization": self._credentials.authorization,
            "x-client-request-id": str(uuid.uuid4()),
        }
        return self._session.post(
            self._url,
            data=form,  # a form: a JSON body is not read (docs#683)
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=deadline.remaining_s(at_most=self._first_audio_s),
        )

    def _form(self, clause: str, speed: float) -> dict[str, str]:
        form = {
            "text": clause,
            "lang": "ru-RU",
            "voice": self._voice,
            "speed": str(speed),
            "format": "lpcm",
            "sampleRateHertz": str(RATE_HZ),
        }
        if self._role:
            form["emotion"] = self._role
        if folder := self._credentials.folder_to_send:
            form["folderId"] = folder
        return form

    def _audio(self, response: requests.Response, deadline: Deadline) -> Iterator[bytes]:
        for chunk in response.iter_content(_READ_BYTES):
            if deadline.expired:
                late = "called off" if deadline.cancelled else "not finished in time"
                raise ProviderError(self.name, "timeout", late)
            yield chunk

    def _refusal(self, response: requests.Response) -> ProviderError:
        kind = _KINDS.get(response.status_code)
        if kind is None:
            kind = "transient" if response.status_code >= 500 else "permanent"
        wait_s = retry_after_s(response.headers, datetime.now(UTC))
        return ProviderError(self.name, kind, f"{response.status_code} {_words(response)}", wait_s)

    def _broken(self, error: requests.RequestException) -> ProviderError:
        kind: ErrorKind = "transient"
        if any(isinstance(cause, ReadTimeoutError) for cause in error.args):
            kind = "timeout"  # midway, requests calls it a ConnectionError
        elif isinstance(error, ValueError):
            kind = "permanent"  # the address or a header cannot be sent
        return ProviderError(self.name, kind, f"connection failed: {type(error).__name__}")


def _words(response: requests.Response) -> str:
    """``error_code: error_message`` of the body, or the HTTP reason."""
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        return response.reason
    if not isinstance(body, dict):
        return response.reason
    return f"{body.get('error_code', response.reason)}: {body.get('error_message', '')}"
