"""A real headless Chromium, driven over its DevTools protocol as by mouse and keyboard."""

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
STRANGER = "admin.test"
"""A name of this machine that is none of its own: whoever asks for it is not local."""
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
    "--force-prefers-reduced-motion",  # colours are what they are, not on the way there
    f"--host-resolver-rules=MAP {STRANGER} 127.0.0.1",
)
_KEYS = {
    "Backspace": (8, ""), "Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""),
    "Space": (32, " "), "End": (35, ""), "Home": (36, ""), "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, ""), "Delete": (46, ""),
}  # fmt: skip
"""Named keys: their Windows code, which Chromium goes by, and the text they give."""
_MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class PageError(RuntimeError):
    """The browser could not do it, or the page's script threw."""


class Browser:
    """One tab; everything it asked for and complained of is kept.

    ``requests`` are the addresses asked for, ``received_bytes`` what came over the network for
    them, as compressed as it came; ``complaints`` what the console or the browser's own log
    said: a violated policy, an error of a script, a failed request.
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
        self.received_bytes = 0
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
        self.go(address)
        self.wait_for(f"location.href === {json.dumps(address)}")
        self.wait_for("document.readyState === 'complete'")

    def go(self, address: str) -> None:
        """Go to an address that may lead on to another; wait for what should be seen there."""
        self._ask("Page.navigate", url=address)

    def forget(self) -> None:
        """Leave the page; forget cookies, the cache, what pages have kept, what was noted here."""
        self.forget_cookies()
        self._ask("Network.clearBrowserCache")
        self.run(
            "if (location.protocol === 'http:') { localStorage.clear(); sessionStorage.clear() }"
        )
        self.open("about:blank")  # its server is gone, and the page still asks
        self.requests.clear()
        self.received_bytes = 0
        self.complaints.clear()

    def forget_cookies(self) -> None:
        """End every session; the page stays."""
        self._ask("Network.clearBrowserCookies")

    def run(self, expression: str, *, awaited: bool = False) -> Any:
        """The value of a JavaScript expression in the page; of a promise when it is ``awaited``.

        Raises :class:`PageError` with what the script threw. A page's policy does not hold here.
        """
        answer = self._ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=awaited
        )
        if "exceptionDetails" in answer:
            raise PageError(f"{expression[:200]}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Return when the expression is true; complain loudly when it never is."""
        end = time.monotonic() + _WAIT_S
        while not self._holds(expression):
            if time.monotonic() > end:
                raise TimeoutError(f"never true: {expression}; {self.complaints}")
            time.sleep(0.02)

    def _holds(self, expression: str) -> bool:
        try:
            return bool(self.run(f"!!({expression})"))
        except PageError:  # the page is just being left, or has not got there
            return False

    def text(self, selector: str) -> str:
        """What is to be read in the first element that matches; empty when there is none."""
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def wait_for_text(self, selector: str, words: str) -> None:
        """Return when ``words`` are to be read in the first element that matches."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{place}?.innerText.includes({json.dumps(words)})")

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that matches, as a mouse does."""
        at = self._middle(selector)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            held = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
            self._ask("Input.dispatchMouseEvent", type=kind, **at, **held)

    def _middle(self, selector: str) -> dict[str, float]:
        """Where the middle of an element is once it has been scrolled to."""
        place = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{place} !== null")
        self.run(f"{place}.scrollIntoView({{block: 'center', behavior: 'instant'}})")
        box = self.run(f"{place}.getBoundingClientRect().toJSON()")
        return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    def press(self, key: str, *modifiers: str, code: str = "") -> None:
        """Press and release a key: a character or a name such as ``Enter``.

        ``code`` is the key's place on the keyboard (``KeyJ``), when that matters.
        """
        windows_code, text = _KEYS.get(key, (0, key))
        told = {
            "key": " " if key == "Space" else key,
            "code": code or (key if key in _KEYS else ""),
            "windowsVirtualKeyCode": windows_code,
            "modifiers": sum(_MODIFIERS[name] for name in modifiers),
        }
        self._ask("Input.dispatchKeyEvent", type="keyDown", text=text, **told)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self._ask("Input.insertText", text=text)

    def tab_order(self, most: int = 50) -> list[str]:
        """The names of what Tab comes to, one after the other, until it starts anew."""
        self.run("document.activeElement.blur()")
        names: list[str] = []
        for _ in range(most):
            self.press("Tab")
            name = self.focused()
            if not name or (names and name == names[0]):
                break
            names.append(name)
        return names

    def focused(self) -> str:
        """The id or else the name of what has the focus; empty for the page itself."""
        return str(
            self.run(
                "(({id, ariaLabel, innerText, name, tagName}) => tagName === 'BODY' ? ''"
                " : id || ariaLabel || innerText?.trim() || name || tagName)"
                "(document.activeElement)"
            )
        )

    def upload(self, selector: str, *files: Path) -> None:
        """Choose files in an ``<input type=file>``."""
        root = self._ask("DOM.getDocument")["root"]["nodeId"]
        node = self._ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self._ask("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def drop(self, selector: str, *files: Path) -> None:
        """Drag files from the desktop to the middle of the first element that matches."""
        told = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        at = self._middle(selector)
        for kind in ("dragEnter", "dragOver", "drop"):
            self._ask("Input.dispatchDragEvent", type=kind, data=told, **at)

    def back(self) -> None:
        """Press the browser's Back button; wait for what should then be seen."""
        history = self._ask("Page.getNavigationHistory")
        entry = history["entries"][history["currentIndex"] - 1]
        self._ask("Page.navigateToHistoryEntry", entryId=entry["id"])

    def foreign_requests(self, *sites: str) -> list[str]:
        """The addresses asked for that belong to none of the sites."""
        return [address for address in self.requests if not address.startswith(sites)]

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
        self._ask("Emulation.setEmulatedMedia", media="", features=[feature])

    def look_printed(self) -> None:
        """Let the page look as it will on paper, until :meth:`prefer` is called."""
        self._ask("Emulation.setEmulatedMedia", media="print")

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
                raise PageError(f"{method}: {answer['error']['message']}")
            else:
                return dict(answer["result"])

    def _note(self, event: str, told: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            if not told["request"]["url"].startswith("data:"):  # a picture within a style
                self.requests.append(told["request"]["url"])
        elif event == "Network.loadingFinished":
            self.received_bytes += int(told["encodedDataLength"])
        elif event == "Log.entryAdded" and told["entry"]["level"] != "verbose":
            self.complaints.append(told["entry"]["text"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["args"]))
