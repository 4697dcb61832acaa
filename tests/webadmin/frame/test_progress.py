"""Long work, followed on the page it was started from."""

from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.frame.dialog import ASKED, KEY
from tests.webadmin.probe import Probe


def test_a_job_shows_how_far_it_is_survives_a_reload_and_tells_its_end(
    page: Browser, site: str, probe: Probe
) -> None:
    page.click("#work")
    page.wait_for(ASKED)
    page.type(KEY)
    page.press("Enter")
    page.wait_for("document.querySelector('#job progress')?.value === 1")
    assert "Считаю: 1 из 3" in page.text("#job")
    assert axe(page) == []
    page.open(f"{site}/logs-ui/probe")
    assert page.run("document.querySelector('#job progress').max") == 3
    page.click("#work")
    page.wait_for_text("#toasts-error", "уже выполняется")
    probe.may_go_on.set()
    page.wait_for_text("#toasts-success", "Проба сил: посчитано.")
    page.wait_for("document.querySelector('#job progress') === null")
    assert "посчитано." in page.text("#job")
    asked = len(page.requests)
    page.open(f"{site}/logs-ui/probe")
    assert "посчитано." in page.text("#job")
    assert not [address for address in page.requests[asked:] if "/jobs/" in address]
    assert page.text("#toasts-success") == ""
