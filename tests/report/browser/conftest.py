"""A headless chromium and the page that it looks at; needs chromium and chromedriver: `make test-page`."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

sys.path.insert(0, str(Path(__file__).parents[1]))  # the runs that the page's other tests make

WAIT = 30  # seconds: a busy machine is no failure


@dataclass
class Browser:
    """A page as its reader has it: what is on it, and what is done to it."""

    driver: Any

    def open(self, page: Path, address: str = "") -> None:
        """Load the page anew, and wait until the viewer has drawn or has said why not."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + address)
        self.until("document.getElementById('status').textContent || !document.getElementById('trouble').hidden")

    def script(self, text: str, *arguments: Any) -> Any:
        """The value of an expression in the page."""
        return self.driver.execute_script(f"return {text}", *arguments)

    def until(self, text: str, *arguments: Any) -> None:
        """Wait until an expression is true."""
        WebDriverWait(self.driver, WAIT).until(lambda _: self.script(text, *arguments), text)

    def text(self, name: str) -> str:
        """The text of the element with this id."""
        return self.script("document.getElementById(arguments[0]).textContent", name)

    def ink(self) -> int:
        """How many pixels of the picture are painted."""
        return self.script(
            "(() => { const shown = document.getElementById('picture'), c = document.createElement('canvas');"
            " c.width = shown.width; c.height = shown.height;"
            " const pen = c.getContext('2d', { willReadFrequently: true }); pen.drawImage(shown, 0, 0);"
            " const d = pen.getImageData(0, 0, c.width, c.height).data;"
            " let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()"
        )

    def complaints(self) -> list[str]:
        """What the console has said since the last call."""
        return [f"{one['level']}: {one['message']}" for one in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """The addresses asked for since the last call."""
        events = (json.loads(one["message"])["message"] for one in self.driver.get_log("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


@pytest.fixture(scope="session")
def driver() -> Iterator[Any]:
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,1400"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # chromium refuses its sandbox to root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield browser
    browser.quit()


@pytest.fixture
def browser(driver: Any) -> Iterator[Browser]:
    """A fresh look; whatever a test does, the console stays empty and no request leaves the page."""
    made = Browser(driver)
    made.complaints()
    made.requests()
    yield made
    assert made.complaints() == []
    requests = made.requests()
    assert any(address.startswith("file://") for address in requests)  # the page itself: the log does tell
    assert all(address.startswith(("file://", "data:", "about:", "blob:")) for address in requests)
    assert len({address.partition("#")[0] for address in requests if address.startswith("file://")}) == 1
