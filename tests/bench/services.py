"""The paid services' stand-ins in processes of their own: they must not share the worker's lock."""

import base64
import json
import subprocess
import sys
import threading
from typing import Any, Self

import requests

from tests.lab.openai_server import KEY
from tests.lab.worker import REPO

ASR_S = 0.35
FIRST_TOKEN_S = 0.30
TOKEN_S = 0.015
TTS_S = 0.15
SPEED = "3.0"
"""The voice's speed: what is measured ends with the first sound of an answer."""


class Services:
    """Both stand-ins at the latencies that the peers were measured with (conversation.md)."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []
        self._telling = threading.Lock()
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        openai = self._openai = self._start(
            "bench.hearing", "--asr-s", str(ASR_S), "--first-token-s", str(FIRST_TOKEN_S),
            "--token-s", str(TOKEN_S),
        )  # fmt: skip
        yandex = self._start("lab.yandex_server", "--latency", str(TTS_S))
        self._openai_control = _line(openai).removesuffix("/v1") + "/_control"
        self.environment = dict(_line(yandex).split("=", 1) for _ in range(4))
        self._yandex_control = (
            self.environment["YANDEX_TTS_HTTP_URL"].split("/speech")[0] + "/_control"
        )
        self.environment |= {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self._openai_control.replace("/_control", "/v1"),
            "YANDEX_TTS_SPEED": SPEED,
        }
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(10)

    def plan(self, **order: Any) -> None:
        """Tell the OpenAI stand-in what to do (its ``/_control``)."""
        requests.post(self._openai_control, json=order, timeout=10).raise_for_status()

    def means(self, pcm: bytes, text: str) -> None:
        """From now on the recogniser hears ``text`` in the recording ``pcm``."""
        order = {"pcm": base64.b64encode(pcm).decode(), "text": text}
        with self._telling:
            if self._openai.stdin is None:
                raise RuntimeError("the stand-in has no input")
            self._openai.stdin.write(json.dumps(order) + "\n")
            self._openai.stdin.flush()
            if _line(self._openai) != "known":
                raise RuntimeError("the recogniser's stand-in is gone")

    def asked(self) -> dict[str, int]:
        """How often each service was asked so far."""
        counts = requests.get(self._openai_control, timeout=10).json()["counts"]
        voice = requests.get(self._yandex_control, timeout=10).json()
        return {
            "recognition": counts.get("transcription", 0),
            "model": counts.get("chat", 0),
            "embeddings": counts.get("embedding", 0),
            "synthesis": voice["grpc"]["attempts"] + voice["http"]["attempts"],
        }

    def _start(self, module: str, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.{module}", *arguments],
            cwd=REPO,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process


def _line(process: "subprocess.Popen[str]") -> str:
    if process.stdout is None:
        raise RuntimeError("the stand-in has no output")
    return process.stdout.readline().strip()
