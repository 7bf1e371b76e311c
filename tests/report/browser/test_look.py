"""The page as a whole in a real browser: themes, a narrow screen, nothing to show, text that is no script."""

from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lth.report import write
from lth.ticket import analyse
from tests.report.browser.reader import Browser
from tests.report.made_run import TWO, tickets, write_run


@pytest.mark.parametrize(("presses", "paper"), [(1, "rgb(255, 255, 255)"), (2, "rgb(22, 24, 28)")])
def test_light_and_dark_are_a_choice(browser: Browser, page: Path, presses: int, paper: str) -> None:
    browser.open(page)
    for _ in range(presses):
        browser.driver.find_element(By.ID, "theme").click()
    assert browser.script("getComputedStyle(document.body).backgroundColor") == paper


def test_the_page_follows_the_system_to_dark(browser: Browser, page: Path) -> None:
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    browser.open(page)
    assert browser.script("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 28)"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_nothing_is_wider_than_a_narrow_screen(browser: Browser, page: Path) -> None:
    narrow = {"width": 380, "height": 800, "deviceScaleFactor": 2, "mobile": False}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    browser.open(page)
    assert browser.script("document.documentElement.scrollWidth") <= 380
    assert browser.ink() > 1000
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_page_without_tickets_says_so(browser: Browser, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [tickets(0)])
    for path in (folder / "tickets").rglob("*.safetensors"):
        path.unlink()
    write(folder, folder / "report.html")
    browser.open(folder / "report.html")
    assert browser.text("trouble") == "There is no ticket to show here."


def test_what_a_folder_says_of_itself_is_never_run(browser: Browser, tmp_path: Path) -> None:
    evil = "</script><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    for name, value in (("a", evil), ("b", "plain")):
        write_run(tmp_path / name, [tickets(0)], {"dataset": {"name": value}})
    write(tmp_path, tmp_path / "report.html")
    browser.open(tmp_path / "report.html")
    assert browser.driver.title != "run"
    assert evil in browser.text("configuration")


def test_a_degraded_ticket_is_not_called_separated_and_names_what_is_lost(browser: Browser, tmp_path: Path) -> None:
    chain = tickets(0)
    for one in chain[2:]:
        one.masks[0][:, 1] = False
        np.multiply(one.weights[0], one.masks[0], out=one.weights[0])
        one.row.update(analyse(one.masks, TWO, one.weights, one.biases).columns())
    folder = write_run(tmp_path / "run", [chain])
    write(folder, folder / "report.html")
    browser.open(folder / "report.html", "#c=0&s=0&l=2&show=")
    words = browser.text("status")
    assert "degraded, so no separation: moons has lost 1 of 2 inputs" in words
    assert "separated" not in words


@pytest.mark.parametrize(
    ("statuses", "opened"),
    [
        (["interconnected", "interconnected", "degraded", "degraded"], "1"),
        (["interconnected", "interconnected", "separated", "separated"], "2"),
        (["degraded"] * 4, "3"),
    ],
)
def test_it_opens_at_the_first_separation_or_else_at_the_last_level_that_is_not_degraded(
    statuses: list[str], opened: str, browser: Browser, tmp_path: Path
) -> None:
    chain = tickets(0)[: len(statuses)]
    for one, status in zip(chain, statuses, strict=True):
        one.row["status"] = status
    folder = write_run(tmp_path / "run", [chain])
    write(folder, folder / "report.html")
    browser.open(folder / "report.html")
    assert browser.text("level-name") == opened


def test_the_legend_says_how_large_the_widest_weight_is(browser: Browser, page: Path) -> None:
    browser.open(page)
    largest = max(abs(layer).max() for one in tickets(0, (4, 12, 12, 2)) for layer in one.weights)
    assert f"|w|, up to {largest:.3g}, this seed's largest" in browser.text("legend")


def test_the_page_among_the_documents_opens_and_is_light(browser: Browser) -> None:
    page = Path(__file__).parents[3] / "docs" / "extension.html"
    assert page.stat().st_size < 1_000_000
    browser.open(page)
    assert "separated: moons and circles each have a subnetwork of their own" in _any_seed(browser)
    assert browser.script("[...document.images].length") == 5
    assert browser.script("[...document.images].every(image => image.naturalWidth > 0)")


def _any_seed(browser: Browser) -> str:
    """What is said of the first seed of the largest configuration."""
    last = browser.script("document.querySelectorAll('#configuration option').length - 1")
    browser.driver.find_element(By.CSS_SELECTOR, f"#configuration option[value='{last}']").click()
    browser.until("location.hash.startsWith(arguments[0])", f"#c={last}&")
    for _ in range(browser.script("Number(document.getElementById('level').max)")):
        if "separated: " in browser.text("status"):
            break
        browser.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.ARROW_RIGHT)
    return browser.text("status")
