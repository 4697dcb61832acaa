"""A thin blocking client for the dozen ARI requests that a call needs.

Facts about Asterisk's answers are from protocols.md, section 3. The event stream is
:mod:`bot.arievents`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bot.errors import AssistantError
from bot.transfer import TransferTarget

Json = dict[str, Any]


class AriError(AssistantError):
    """Asterisk refused a request or could not be reached; ``code`` is 0 when it was not reached."""

    status = 502

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class AriAddress:
    """Where the ARI is and who we are there."""

    url: str
    user: str
    password: str

    @property
    def websocket_url(self) -> str:
        """The same host and port for WebSockets, without a path."""
        return "ws" + self.url.removeprefix("http")


class AriClient:
    """ARI over HTTP. Thread-safe: one pooled session for the whole process.

    Every method raises :class:`AriError`. Requests that may be sent twice without harm are
    retried once when the pooled connection turned out to be closed (Asterisk closes idle
    ones after 15 s).
    """

    def __init__(self, address: AriAddress, connections: int = 100, timeout_s: float = 5.0) -> None:
        self.address = address
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.auth = (address.user, address.password)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def info(self) -> Json:
        """``GET /asterisk/info``: version, build and configuration."""
        return self._json("GET", "/asterisk/info")

    def has_module(self, name: str) -> bool:
        """Whether a module such as ``chan_websocket.so`` is loaded and running."""
        try:
            module = self._json("GET", f"/asterisk/modules/{name}")
        except AriError as error:
            if error.code in (404, 409):
                return False
            raise
        return module.get("status") == "Running"

    def channel_ids(self) -> set[str]:
        """The ids of all channels there are."""
        return {str(row["id"]) for row in self._list("/channels")}

    def bridge_ids(self) -> set[str]:
        """The ids of all bridges there are."""
        return {str(row["id"]) for row in self._list("/bridges")}

    def application_channel_ids(self, app: str) -> set[str]:
        """The ids of the channels that are in our application."""
        return set(self._json("GET", f"/applications/{app}").get("channel_ids", ()))

    def answer(self, channel_id: str) -> None:
        """Pick up."""
        self._send("POST", f"/channels/{channel_id}/answer")

    def hang_up(self, channel_id: str, reason: str = "normal") -> None:
        """Hang up; a channel that is gone already is no error."""
        self._delete(f"/channels/{channel_id}", {"reason": reason})

    def continue_in_dialplan(self, channel_id: str, target: TransferTarget | None = None) -> bool:
        """Give the channel back to the dialplan: at ``target``, or after its ``Stasis()`` line.

        False when there was nothing to give: the channel is gone, or in no application.
        """
        try:
            self._send(
                "POST", f"/channels/{channel_id}/continue", target.as_fields() if target else None
            )
        except AriError as error:
            if error.code not in (404, 409):
                raise
            return False
        return True

    def move(self, channel_id: str, app: str) -> None:
        """Put a channel of one application into another; the other gets a ``StasisStart``.

        Asterisk 22.10 says nothing when there is no such application: the channel just stays.
        """
        self._send("POST", f"/channels/{channel_id}/move", {"app": app})

    def claim(self, channel_id: str, app: str) -> bool:
        """Take a caller of ``StasisBroadcast()`` for ``app``; false when another was faster."""
        try:
            self._send("POST", "/events/claim", {"channelId": channel_id, "application": app})
        except AriError as error:
            if error.code not in (404, 409):
                raise
            return False
        return True

    def has_target(self, channel_id: str, target: TransferTarget) -> bool:
        """Whether the dialplan has the target; one that cannot be asked about is believed."""
        place = f"{target.context},{target.extension},{target.priority}"
        function = {"variable": f"DIALPLAN_EXISTS({place})"}
        try:
            answer = _parsed(self._send("GET", f"/channels/{channel_id}/variable", function))
        except AriError as error:
            if error.code in (404, 500):  # no such channel any more, or no such function there
                return True
            raise
        return bool(answer.get("value") != "0")

    def send_user_event(self, app: str, name: str, channel_id: str) -> None:
        """Let ``app`` get a ``ChannelUserevent`` of this name about a channel.

        404 when there is no such application, 422 when there is no such channel. An application
        whose socket is lost takes it all the same, and nobody hears of it.
        """
        fields = {"application": app, "source": f"channel:{channel_id}"}
        self._send("POST", f"/events/user/{name}", fields)

    def create_bridge(self, bridge_id: str) -> None:
        """Create a mixing bridge under an id of ours (repeating it is harmless)."""
        self._send("POST", f"/bridges/{bridge_id}", {"type": "mixing", "name": bridge_id})

    def add_to_bridge(self, bridge_id: str, channel_id: str) -> None:
        """Put a channel of our application into a bridge (repeating it is harmless)."""
        self._send("POST", f"/bridges/{bridge_id}/addChannel", {"channel": channel_id})

    def destroy_bridge(self, bridge_id: str) -> None:
        """Take a bridge away; one that is gone already is no error."""
        self._delete(f"/bridges/{bridge_id}")

    def external_media(
        self, app: str, channel_id: str, channel: Mapping[str, str]
    ) -> dict[str, str]:
        """Create the media leg ``channel_id``, of the sort that ``channel`` describes.

        Returns the variables by which Asterisk tells where it is. Sent once, on a connection
        of its own, and never again with the same id: a repeated ``channelId`` kills Asterisk
        before 22.11 (protocols.md, 0.3).
        """
        try:
            response = requests.post(
                f"{self.address.url}/ari/channels/externalMedia",
                params={"app": app, "channelId": channel_id, **channel},
                auth=(self.address.user, self.address.password),
                headers={"Connection": "close"},
                timeout=self._timeout_s,
            )
        except requests.RequestException as error:
            raise AriError(f"externalMedia: {type(error).__name__}") from error
        said = _parsed(_checked(response, "externalMedia"))
        return {str(name): str(value) for name, value in said["channelvars"].items()}

    def _list(self, path: str) -> list[Json]:
        rows: list[Json] = _parsed(self._send("GET", path))
        return rows

    def _json(self, method: str, path: str) -> Json:
        value: Json = _parsed(self._send(method, path))
        return value

    def _delete(self, path: str, params: Mapping[str, str] | None = None) -> None:
        try:
            self._send("DELETE", path, params)
        except AriError as error:
            if error.code != 404:
                raise

    def _send(
        self, method: str, path: str, params: Mapping[str, str] | None = None
    ) -> requests.Response:
        try:
            return self._send_once(method, path, params)
        except requests.ConnectionError:
            # The pooled connection had been closed: once more, on a new one.
            try:
                return self._send_once(method, path, params)
            except requests.RequestException as error:
                raise AriError(f"{method} {path}: {type(error).__name__}") from error
        except requests.RequestException as error:
            raise AriError(f"{method} {path}: {type(error).__name__}") from error

    def _send_once(
        self, method: str, path: str, params: Mapping[str, str] | None
    ) -> requests.Response:
        url = f"{self.address.url}/ari{path}"
        response = self._session.request(method, url, params=params, timeout=self._timeout_s)
        return _checked(response, f"{method} {path}")


def _parsed(response: requests.Response) -> Any:
    """The answer's JSON; a proxy in between may send anything."""
    try:
        return response.json()
    except requests.JSONDecodeError as error:
        raise AriError("the answer is not JSON: is ARI_URL an Asterisk?") from error


def _checked(response: requests.Response, request: str) -> requests.Response:
    """The response, or the :class:`AriError` it stands for (some bodies are HTML, not JSON)."""
    if response.ok:
        return response
    try:
        message = str(response.json().get("message", ""))
    except (requests.JSONDecodeError, AttributeError):
        message = response.reason
    raise AriError(f"{request}: {response.status_code} {message}", response.status_code)
