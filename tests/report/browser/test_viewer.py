"""The ticket viewer in a real browser: slider, hover, seeds, keys; what it says is what the tickets say."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lth.ticket import State, Ticket, analyse
from lth.ticket.states import reach
from tests.report.browser.reader import SEEDS, Browser
from tests.report.made_run import KEEPS, TWO, tickets

ROWS = ("active", "zombie", "inactive", "pruned")


def ticket(seed: int, level: int, hidden: int = 12) -> Ticket:
    return tickets(seed, (4, hidden, hidden, 2))[level]


def counts(browser: Browser) -> list[list[str]]:
    """The rows of the table beside the picture, spaces out."""
    rows = browser.script(
        "[...document.querySelectorAll('#counts tr')].map(row => [...row.children].map(cell => cell.textContent))"
    )
    return [[re.sub(r"\s", "", cell) for cell in row] for row in rows[1:5]]


def expected(one: Ticket) -> list[list[str]]:
    row = analyse(one.masks, one.tasks).columns()
    neurons = [str(row[f"{name}_neurons"]) for name in ROWS[:3]]
    return [[name, str(row[f"{name}_weights"]), other] for name, other in zip(ROWS, [*neurons, "–"], strict=True)]


def slide(browser: Browser, position: int) -> None:
    browser.driver.execute_script(
        "const s = document.getElementById('level'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
        position,
    )


def press(browser: Browser, *keys: str) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def choose(browser: Browser, name: str, index: int) -> None:
    browser.driver.find_element(By.CSS_SELECTOR, f"#{name} option[value='{index}']").click()


def test_the_slider_goes_through_the_levels_and_all_counts_follow_the_tickets(browser: Browser, page: Path) -> None:
    browser.open(page)
    for level in range(len(KEEPS)):
        slide(browser, level)
        assert browser.text("level-name") == str(level)
        assert counts(browser) == expected(ticket(0, level))
        assert browser.text("status").startswith(f"Level {level} of {len(KEEPS) - 1}: ")
        assert f"{ticket(0, level).row['status']}" in browser.text("status")
        marks = browser.script("[...document.querySelectorAll('.chart .mark')].map(m => m.getAttribute('x1'))")
        assert len(marks) == 3
        assert len(set(marks)) == 1


def test_the_mark_in_the_curves_moves_to_the_right_and_a_click_into_a_curve_goes_there(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    places = []
    for level in range(len(KEEPS)):
        slide(browser, level)
        places.append(float(browser.script("document.querySelector('.chart .mark').getAttribute('x1')")))
    assert all(before < after for before, after in pairwise(places))
    chart = browser.driver.find_element(By.CSS_SELECTOR, ".chart > svg")
    ActionChains(browser.driver).move_to_element_with_offset(chart, 8 - chart.size["width"] // 2, 0).click().perform()
    assert browser.text("level-name") == "0"


def test_another_seed_and_configuration_are_shown_at_the_same_level(browser: Browser, page: Path) -> None:
    browser.open(page, "#c=0&s=0&l=3&show=")
    for configuration, hidden in ((0, 12), (1, 13)):
        choose(browser, "configuration", configuration)
        for index, seed in enumerate(SEEDS):
            choose(browser, "seed", index)
            browser.until("location.hash === arguments[0]", f"#c={configuration}&s={index}&l=3&show=")
            assert counts(browser) == expected(ticket(seed, 3, hidden))
            assert browser.text("level-name") == "3"


def test_of_two_seeds_asked_for_at_once_the_last_one_is_shown(browser: Browser, page: Path) -> None:
    browser.open(page, "#c=0&s=2&l=3&show=")  # seed 2 is unpacked now, and comes before seed 1, which is not
    browser.driver.execute_async_script(
        "const select = document.getElementById('seed'), done = arguments[0];"
        " for (const one of [1, 2]) { select.value = one; select.dispatchEvent(new Event('change')); }"
        " setTimeout(done, 500);"  # long enough for the first one; a shorter wait could only hide a fault
    )
    assert browser.script("document.getElementById('seed').value") == "2"
    assert counts(browser) == expected(ticket(2, 3))


def test_every_switch_adds_ink_and_explains_itself(browser: Browser, page: Path) -> None:
    level = next(n for n in range(6) if ticket(0, n).row["zombie_weights"] and ticket(0, n).row["inactive_weights"])
    browser.open(page, f"#c=0&s=0&l={level}&show=")
    for name in ("zombie", "inactive", "pruned"):
        before, words = browser.ink(), browser.text("legend")
        assert name not in words
        browser.driver.find_element(By.ID, f"show-{name}").click()
        assert browser.ink() > before
        assert name in browser.text("legend")
    browser.driver.find_element(By.ID, "show-cut").click()
    assert "least cut" in browser.text("legend")


def hover(browser: Browser, x: float, y: float) -> None:
    canvas = browser.driver.find_element(By.ID, "picture")
    size = canvas.size
    ActionChains(browser.driver).move_to_element_with_offset(
        canvas, round(x - size["width"] / 2), round(y - size["height"] / 2)
    ).perform()


def test_a_neuron_under_the_pointer_tells_its_numbers(browser: Browser, page: Path) -> None:
    browser.open(page, "#c=0&s=0&l=2&show=z")
    # an input stands at the left edge; look down along it until one answers
    found = _look(browser, lambda text: text.startswith("input 0"))
    one = ticket(0, 2)
    out = int(one.masks[0][:, 0].sum())
    assert re.search(rf"fan-out: {out}\b", found)
    assert "bias" not in found
    reached = reach(one.masks, TWO).outputs[0][0]
    assert ("reaches: " + " and ".join(task.name for task, yes in zip(TWO, reached, strict=True) if yes)) in found
    hover(browser, 3, 3)
    browser.until("document.getElementById('neuron').hidden")


def _look(browser: Browser, wanted: Any) -> str:
    height = browser.script("document.getElementById('picture').clientHeight")
    for y in range(10, height - 40, 12):
        hover(browser, 98, y)
        text = browser.text("neuron")
        if not browser.script("document.getElementById('neuron').hidden") and wanted(text):
            return text
    raise AssertionError("no neuron answered")


def test_the_keyboard_alone_reaches_levels_seeds_switches_and_every_shown_neuron(browser: Browser, page: Path) -> None:
    browser.open(page, "#c=0&s=0&l=2&show=")
    browser.script("document.activeElement.blur()")
    press(browser, Keys.ARROW_RIGHT)
    assert browser.text("level-name") == "3"
    press(browser, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert browser.text("level-name") == "1"
    press(browser, "z", "i")
    assert browser.script(
        "['zombie', 'inactive', 'pruned'].map(n => document.getElementById('show-' + n).checked)"
    ) == [
        True,
        True,
        False,
    ]
    press(browser, "]")
    browser.until("location.hash === arguments[0]", "#c=0&s=1&l=1&show=zi")
    browser.script("document.getElementById('picture').focus()")
    seen = _walk(browser)
    states = analyse(ticket(1, 1).masks, TWO).neurons
    shown = sum(int((layer >= State.ZOMBIE).sum()) for layer in states[1:-1]) + 6
    assert len(seen) >= shown
    press(browser, Keys.ESCAPE)
    assert browser.script("document.getElementById('neuron').hidden")


def _walk(browser: Browser) -> set[str]:
    """Down every layer from its top, by arrows alone; the names met."""
    seen: set[str] = set()
    for _ in range(4):
        press(browser, *[Keys.ARROW_UP] * 14)
        for _ in range(14):
            seen.add(browser.script("document.querySelector('#neuron p').textContent"))
            press(browser, Keys.ARROW_DOWN)
        press(browser, Keys.ARROW_RIGHT)
    return seen


def test_the_states_in_the_page_are_those_of_the_analysis(browser: Browser, page: Path) -> None:
    level = len(KEEPS) - 2
    browser.open(page, f"#c=0&s=2&l={level}&show=zip")
    browser.script("document.getElementById('picture').focus()")
    one = ticket(2, level)
    structure, found = analyse(one.masks, TWO), {}
    for _ in range(4):
        press(browser, *[Keys.ARROW_UP] * 14)
        for _ in range(14):
            lines = browser.script("[...document.querySelectorAll('#neuron p')].map(p => p.textContent)")
            found[lines[0]] = lines
            press(browser, Keys.ARROW_DOWN)
        press(browser, Keys.ARROW_RIGHT)
    for layer in (1, 2):
        for index, state in enumerate(structure.neurons[layer]):
            lines = found.get(f"hidden layer {layer}, neuron {index}")
            if lines is None:  # without a place: no weight at any level
                continue
            _check(lines, one, layer, index, State(state))
    assert len(found) > 20


def _check(lines: Sequence[str], one: Ticket, layer: int, index: int, state: State) -> None:
    bias = float(one.biases[layer - 1][index])
    assert lines[1].startswith(state.name.lower())
    if state == State.ZOMBIE:
        assert ("audible" in lines[1]) == (bias > 0)
    assert float(lines[2].removeprefix("bias: ").replace("−", "-")) == pytest.approx(bias, abs=0.006)
    assert lines[3].startswith(f"fan-in: {int(one.masks[layer - 1][index].sum())}")
    assert lines[4].startswith(f"fan-out: {int(one.masks[layer][:, index].sum())}")


def test_the_address_leads_back_to_what_was_seen(browser: Browser, page: Path) -> None:
    browser.open(page, "#c=1&s=2&l=4&show=zc")
    before = (browser.text("status"), counts(browser), browser.ink())
    address = browser.script("location.hash")
    browser.open(page, address)
    assert address == "#c=1&s=2&l=4&show=zc"
    assert (browser.text("status"), counts(browser), browser.ink()) == before
    browser.open(page, "#c=99&s=x&l=77&show=%3Cb%3E")
    assert browser.text("level-name") == str(len(KEEPS) - 1)
