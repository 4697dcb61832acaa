"""The reports in a real Chromium: charts that are drawn, clicked and read as tables."""

from collections.abc import Iterator

import pytest

from bot.settings import Settings
from tests.webadmin.axe import axe
from tests.webadmin.browser import Browser
from tests.webadmin.serving import served
from tests.webadmin.test_reports import REPORTS, filled
from tests.webadmin.visiting import visiting
from webadmin import create_app

__all__ = ["filled"]
AUGUST = f"{REPORTS}?date_from=2025-08-01&date_to=2025-08-31"
DRAWN = (
    "document.readyState === 'complete' && document.querySelector('canvas')"
    " && [...document.querySelectorAll('canvas')].every(one => window.Chart.getChart(one))"
)
INK = """[...document.querySelectorAll('canvas')].map(canvas => {
  const seen = new Set(new Uint32Array(
    canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer));
  return seen.size;
})"""
"""How many colours each chart has."""


@pytest.fixture
def site(settings: Settings, filled: None) -> Iterator[str]:
    with served(create_app(settings)) as address:
        yield address


@pytest.fixture
def browser(chromium: Browser, site: str) -> Iterator[Browser]:
    """The report on a month."""
    with visiting(chromium, site, AUGUST) as visitor:
        visitor.wait_for(DRAWN)
        yield visitor


def test_charts_are_drawn_from_their_tables_and_again_in_the_dark(browser: Browser) -> None:
    browser.wait_for_text("#asked", "О чём спрашивают чаще всего")
    assert browser.received_bytes < 150_000
    shown = browser.run(
        "window.Chart.getChart(document.querySelector('#calls-by-day canvas')).data"
    )
    assert len(shown["labels"]) == 31
    assert [(one["label"], sum(one["data"])) for one in shown["datasets"]] == [
        ("завершён", 2),
        ("переведён", 1),
    ]
    shares = browser.run(
        "window.Chart.getChart(document.querySelector('#answers-by-day canvas')).data.datasets"
        ".map(one => one.data.slice(0, 3))"
    )
    assert shares == [[25, 50, None], [25, 50, None], [50, 0, None]]
    light = browser.run(INK)
    assert len(light) == 4
    assert min(light) > 5
    colour = "window.Chart.getChart(document.querySelector('canvas')).options.scales.y.ticks.color"
    before = browser.run(colour)
    browser.run("theme.value = 'dark'; theme.dispatchEvent(new Event('change', {bubbles: true}))")
    browser.wait_for(f"{colour} !== {before!r}")


def test_a_bar_leads_to_its_calls_and_back(browser: Browser) -> None:
    at = browser.run(
        "(() => { const chart = window.Chart.getChart(document.querySelector('canvas'));"
        " const {x, y, base} = chart.getDatasetMeta(0).data[0];"
        " return [x, (y + base) / 2, chart.canvas.clientWidth, chart.canvas.clientHeight] })()"
    )
    # The place of the first bar is made the middle of a mark, which a mouse then clicks.
    browser.run(
        "(() => { const mark = document.createElement('i'); mark.id = 'mark';"
        " const box = document.querySelector('canvas').getBoundingClientRect();"
        " mark.style.cssText = 'position:absolute;width:0;height:0;pointer-events:none;'"
        f" + `left:${{box.x + {at[0]} + scrollX}}px;top:${{box.y + {at[1]} + scrollY}}px`;"
        " document.body.append(mark) })()"
    )
    browser.click("#mark")
    browser.wait_for("location.pathname === '/logs-ui/'")
    browser.wait_for("location.search === '?date_from=2025-08-01&date_to=2025-08-01'")
    browser.wait_for("document.querySelectorAll('#calls tbody tr').length === 2")
    browser.back()
    browser.wait_for(f"location.pathname === {REPORTS!r}")
    browser.wait_for(DRAWN)


def test_days_are_chosen_by_keyboard_and_the_numbers_read_as_a_table(browser: Browser) -> None:
    browser.run("document.querySelector('.numbers summary').focus()")
    browser.press("Enter")
    browser.wait_for("document.querySelector('.numbers').open")
    assert "01.08" in browser.text("#days")
    browser.run("[...document.querySelectorAll('.chip')].at(-1).focus()")
    browser.press("Enter")
    browser.wait_for("location.search === '?period=all'")
    browser.wait_for_text(".chip[aria-current]", "Всё время")
    browser.wait_for(DRAWN)
    browser.run("document.getElementById('date_from').value = '2024-01-01'")
    browser.run("document.getElementById('date_to').value = '2024-01-31'")
    browser.run("document.querySelector('.range button').focus()")
    browser.press("Enter")
    browser.wait_for_text("main", "В эти дни звонков не было")
    browser.back()
    browser.wait_for("location.search === '?period=all'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, site: str, scheme: str) -> None:
    browser.prefer(scheme)
    browser.open(f"{site}{AUGUST}")
    browser.wait_for(DRAWN)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert axe(browser) == []
