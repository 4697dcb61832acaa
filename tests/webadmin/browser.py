"""A real headless Chromium, driven over its DevTools protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

import websocket

_WAIT_S = 30.0
_FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--window-size=1280,900",
)


class Browser:
    """One tab; everything it asked for and complained of is kept.

    ``requests`` are the addresses asked for, ``complaints`` what the console or the
    browser's own log said: a violated policy, an error of a script, a failed request.
    """

    def __init__(self) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="chromium-"))
        program = shutil.which("chromium") or "/usr/bin/chromium"
        self._process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._last_id = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._socket = websocket.create_connection(self._tab_address(), timeout=_WAIT_S)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def open(self, address: str) -> None:
        """Go to an address and wait until the page and its scripts are there."""
        self._ask("Page.navigate", url=address)
        self.wait_for(f"location.href === {json.dumps(address)}")
        self.wait_for("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Return when the expression is true; complain loudly when it never is."""
        end = time.monotonic() + _WAIT_S
        while not self.run(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"never true: {expression}; {self.complaints}")
            time.sleep(0.02)

    def wait_for_complaint(self, words: str) -> None:
        """Return when the browser has complained in these words."""
        end = time.monotonic() + _WAIT_S
        while not any(words in complaint for complaint in self.complaints):
            if time.monotonic() > end:
                raise TimeoutError(f"never complained of {words}: {self.complaints}")
            self.run("0")  # what the browser has to tell comes before the answer
            time.sleep(0.02)

    def prefer(self, colour_scheme: str) -> None:
        """Let the system say ``light`` or ``dark``."""
        feature = {"name": "prefers-color-scheme", "value": colour_scheme}
        self._ask("Emulation.setEmulatedMedia", features=[feature])

    def resize(self, width: int, height: int) -> None:
        """Give the page a window of that many CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", **size)

    def screenshot(self, path: Path) -> None:
        """What is to be seen now, as PNG."""
        answer = self._ask("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))

    def _tab_address(self) -> str:
        port_file = self._profile / "DevToolsActivePort"
        end = time.monotonic() + _WAIT_S
        while not (port_file.exists() and port_file.read_text().count("\n")):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Chromium did not start: {self._process.returncode}")
            time.sleep(0.05)
        port = port_file.read_text().splitlines()[0]
        with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_WAIT_S) as answer:
            tabs = json.load(answer)
        return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") != self._last_id:
                self._note(answer.get("method", ""), answer.get("params", {}))
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return dict(answer["result"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            if not told["request"]["url"].startswith("data:"):  # a picture within a style
                self.requests.append(told["request"]["url"])
        elif event == "Log.entryAdded" and told["entry"]["level"] != "verbose":
            self.complaints.append(told["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["args"]))
