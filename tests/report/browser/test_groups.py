"""Levels in groups in a real browser: large networks, the switch, pointer and keys."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lth.report import write
from lth.report.chain import MOST_WEIGHTS
from lth.ticket import Ticket
from tests.report.browser.reader import Browser
from tests.report.made_run import tickets, write_run

SHAPE = (4, 80, 80, 2)
KEEPS = (6880, MOST_WEIGHTS + 1, MOST_WEIGHTS, 300, 60)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_run(tmp_path_factory.mktemp("large") / "run", [chain()])
    write(folder, folder / "report.html")
    return folder / "report.html"


def chain() -> list[Ticket]:
    return tickets(0, SHAPE, KEEPS)


def switch(browser: Browser) -> list[bool]:
    """Whether groups are on, and whether that can be changed."""
    return browser.script("(one => [one.checked, !one.disabled])(document.getElementById('show-groups'))")


def test_a_level_of_any_size_is_drawn_and_counted(browser: Browser, large: Path) -> None:
    for level, one in enumerate(chain()):
        browser.open(large, f"#c=0&s=0&l={level}&show=zi")
        assert browser.text("level-name") == str(level)
        assert f"{KEEPS[level]:,}".replace(",", "\u202f") in browser.text("status")
        assert browser.ink() > 3000
        assert switch(browser) == ([True, False] if level < 2 else [False, True])
        assert ("in groups only" in browser.text("left-out-here")) == (level < 2)
        cells = browser.script("[...document.querySelectorAll('#counts td')].map(cell => cell.textContent)")
        found = [int(cell.replace("\u202f", "")) for cell in cells[1:7]]
        names = ("active", "zombie", "inactive")
        assert found == [one.row[f"{name}_{what}"] for name in names for what in ("weights", "neurons")]


def test_the_switch_and_its_key_change_the_picture_and_the_legend_and_the_address_keeps_it(
    browser: Browser, large: Path
) -> None:
    browser.open(large, "#c=0&s=0&l=3&show=z")
    assert "width: size of the weight" in browser.text("legend")
    before = browser.ink()
    browser.driver.find_element(By.ID, "show-groups").click()
    assert "box: so many neurons alike" in browser.text("legend")
    assert "width: size of the weight" not in browser.text("legend")
    assert browser.ink() != before
    assert browser.script("location.hash").endswith("show=zg")
    browser.script("document.activeElement.blur()")
    ActionChains(browser.driver).send_keys("g").perform()
    assert browser.ink() == before
    ActionChains(browser.driver).send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, "g").perform()
    assert switch(browser) == [True, False]
    ActionChains(browser.driver).send_keys(Keys.ARROW_RIGHT).perform()
    assert switch(browser) == [False, True]  # a key that could do nothing has done nothing


def test_every_box_tells_its_numbers_to_keys_and_pointer(browser: Browser, large: Path) -> None:
    browser.open(large, "#c=0&s=0&l=4&show=zig")
    browser.script("document.getElementById('picture').focus()")
    told = {tuple(lines): place for lines, place in _walk(browser)}
    one, kept = chain()[4], KEEPS[4]
    for way, layers in (("weights in", (1, 2, 3)), ("weights out", (0, 1, 2))):
        numbers = [int(line.split(": ")[1]) for lines in told for line in lines if line.startswith(way)]
        assert sum(numbers) == kept, layers
    active = sum(
        int(lines[0].split(": ")[1].split()[0]) for lines in told if "alike" in lines[0] and lines[1] == "active"
    )
    assert active == one.row["active_neurons"]
    box = browser.driver.find_element(By.ID, "picture").size
    ActionChains(browser.driver).send_keys(Keys.ESCAPE).perform()
    lines, (x, y) = next(iter(told.items()))
    canvas = browser.driver.find_element(By.ID, "picture")
    ActionChains(browser.driver).move_to_element_with_offset(
        canvas, round(x - box["width"] / 2), round(y - box["height"] / 2)
    ).perform()
    browser.until("!document.getElementById('neuron').hidden")
    assert browser.text("neuron") == "".join(lines)


def _walk(browser: Browser) -> Iterator[tuple[list[str], tuple[float, float]]]:
    """Down every layer from its top, by arrows alone: what boxes say."""
    for _ in range(4):
        ActionChains(browser.driver).send_keys(*[Keys.ARROW_UP] * 12).perform()
        for _ in range(12):
            lines = browser.script("[...document.querySelectorAll('#neuron p')].map(p => p.textContent)")
            top = browser.script("parseFloat(document.getElementById('neuron').style.top)")
            yield lines, (96, top + 20)
            ActionChains(browser.driver).send_keys(Keys.ARROW_DOWN).perform()
        ActionChains(browser.driver).send_keys(Keys.ARROW_RIGHT).perform()
