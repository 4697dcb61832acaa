"""A process that answers takes a release up that another process has published."""

import json
import subprocess
import sys
from typing import Any

import openai

from bot.embeddings.openai import OpenAIEmbedder
from bot.releases.publisher import Publisher
from tests.agent.parts import write_prompts
from tests.lab.openai_server import KEY
from tests.releases.place import ROOT, TECH, Place


def client(place: Place) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url=place.server.base_url)


def test_a_dialogue_under_way_answers_from_the_new_release_at_the_next_turn(place: Place) -> None:
    variables = {
        "PYTHONPATH": str(ROOT),
        "LLM_PROVIDER": "extractive",
        "REDIS_URL": "redis://[::1]:1/0",
    }
    publisher = Publisher(place.settings, lambda: OpenAIEmbedder(client(place)))
    publisher.publish_files("Анна")
    with subprocess.Popen(
        [sys.executable, "-m", "bot.ask", "--json"],
        env=place.environment(variables), cwd=place.folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as dialogue:  # fmt: skip

        def ask(question: str) -> Any:
            assert dialogue.stdin is not None
            assert dialogue.stdout is not None
            dialogue.stdin.write(question + "\n")
            dialogue.stdin.flush()
            return json.loads(dialogue.stdout.readline())

        assert ask("Какая гарантия?")["trace"]["release"] == 2
        publisher.change_base("tech", TECH + "# Масса\nМашина весит 900 кг.\n", "Анна")
        assert ask("Какая масса?")["trace"]["release"] == 3
        write_prompts(place.prompts, no_answer="Этого я не знаю.")
        assert ask("Какая масса?")["trace"]["release"] == 4
        publisher.publish_again(2, "Анна")
        assert ask("Какая гарантия?")["trace"]["release"] == 5
        dialogue.kill()
