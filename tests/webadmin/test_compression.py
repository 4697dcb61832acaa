"""Scripts and styles come small and are not fetched twice; pages are not compressed."""

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, br"}
FILES = ["vendor/htmx.min.js", "vendor/bootstrap.min.css", "admin.js", "favicon.svg"]


@pytest.mark.parametrize("name", FILES)
def test_a_browser_gets_the_same_file_smaller(client: FlaskClient, name: str) -> None:
    small = client.get(f"/static/{name}", headers=GZIP)
    whole = client.get(f"/static/{name}")
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in whole.headers
    assert gzip.decompress(small.data) == whole.data
    assert len(small.data) < len(whole.data)
    assert small.content_length == len(small.data)
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Accept-Encoding" in whole.headers["Vary"]


@pytest.mark.parametrize("accepted", ["", "br", "identity", "gzip;q=0"])
def test_nobody_gets_what_they_cannot_read(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/static/admin.js", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("headers", [{}, GZIP])
def test_a_file_that_has_not_changed_is_not_sent_again(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    first = client.get("/static/admin.js", headers=headers)
    asked = {**headers, "If-None-Match": first.headers["ETag"]}
    again = client.get("/static/admin.js", headers=asked)
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_a_part_of_the_file(client: FlaskClient) -> None:
    part = client.get("/static/admin.js", headers={**GZIP, "Range": "bytes=0-9"})
    assert part.status_code == 206
    assert part.data == client.get("/static/admin.js").data[:10]


@pytest.mark.parametrize("path", ["/logs-ui/", "/logs", "/logs-ui/nowhere"])
def test_what_holds_secrets_or_words_of_callers_is_not_compressed(
    client: FlaskClient, path: str
) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
