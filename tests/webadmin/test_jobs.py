"""Jobs over HTTP: what programs follow and what the progress bar shows."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.webadmin.conftest import MakeSettings
from tests.webadmin.probe import Probe
from webadmin import create_app

KEY = {"X-API-Key": "k", "Accept": "application/json"}
HTMX = {"HX-Request": "true", "X-API-Key": "k"}


@pytest.fixture
def probe() -> Iterator[Probe]:
    made = Probe()
    yield made
    made.may_go_on.set()


@pytest.fixture
def client(make_settings: MakeSettings, probe: Probe) -> FlaskClient:
    app = create_app(make_settings(api_secret_key="k"))
    probe.add_to(app)
    return app.test_client()


def follow(client: FlaskClient, address: str, state: str) -> dict[str, Any]:
    while (job := client.get(address).get_json())["state"] != state:
        time.sleep(0.01)
    return dict(job)


def test_a_program_starts_and_follows_a_job(client: FlaskClient, probe: Probe) -> None:
    started = client.post("/logs-ui/probe/work", headers={**KEY, "X-Author": "cron"})
    assert started.status_code == 202
    address = started.headers["Location"]
    assert address == f"/api/jobs/{started.get_json()['id']}"
    job = follow(client, address, "running")
    assert (job["author"], job["kind"], job["title"]) == ("cron", "probe", "Проба сил")
    assert job["ended_at"] is None
    assert "process" not in job
    probe.may_go_on.set()
    job = follow(client, address, "done")
    assert (job["message"], job["done"], job["of"]) == ("посчитано.", 1, 3)
    assert job["ended_at"].endswith("+00:00")
    assert [told["id"] for told in client.get("/api/jobs").get_json()] == [job["id"]]


def test_a_second_start_is_refused_with_who_and_since_when(client: FlaskClient) -> None:
    client.post("/logs-ui/probe/work", headers={**KEY, "X-Author": "Anna"})
    refused = client.post("/logs-ui/probe/work", headers=KEY)
    assert refused.status_code == 409
    assert "начал Anna в" in refused.get_json()["error"]["message"]


def test_the_progress_bar_asks_until_the_job_has_ended(client: FlaskClient, probe: Probe) -> None:
    started = client.post("/logs-ui/probe/work", headers=HTMX)
    assert started.status_code == 202
    job_id = client.get("/api/jobs").get_json()[0]["id"]
    follow(client, f"/api/jobs/{job_id}", "running")
    address = f"/logs-ui/jobs/{job_id}"
    while 'value="1" max="3"' not in (bar := client.get(address, headers=HTMX)).text:
        time.sleep(0.01)
    assert f'hx-get="{address}"' in bar.text
    assert "Считаю: 1 из 3" in " ".join(bar.text.split())
    assert "HX-Trigger" not in bar.headers
    probe.may_go_on.set()
    follow(client, f"/api/jobs/{job_id}", "done")
    last = client.get(address, headers=HTMX)
    assert "hx-get" not in last.text
    events = json.loads(last.headers["HX-Trigger"])
    assert events["toast"] == {"kind": "success", "text": "Проба сил: посчитано."}
    assert events["job-ended"] == {"id": job_id, "kind": "probe", "state": "done"}


@pytest.mark.parametrize("job_id", ["0123456789abcdef", "..%2F..%2Fsession", "%00"])
def test_an_unknown_job_is_not_found_and_ends_the_asking(client: FlaskClient, job_id: str) -> None:
    told = client.get(f"/api/jobs/{job_id}")
    assert told.status_code == 404
    assert told.get_json()["error"]["code"] == "not_found"


def test_a_bar_whose_job_nobody_knows_asks_no_more(client: FlaskClient) -> None:
    bar = client.get("/logs-ui/jobs/0123456789abcdef", headers=HTMX)
    assert bar.status_code == 200
    assert "hx-get" not in bar.text
