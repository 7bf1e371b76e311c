"""A headless chromium and the page that it looks at; needs chromium and chromedriver: `make test-page`."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from lth.report import write
from tests.report.browser.reader import SEEDS, Browser
from tests.report.made_run import tickets, write_run


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


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "sweep"
    for hidden in (12, 13):
        shape = (4, hidden, hidden, 2)
        write_run(folder / str(hidden), [tickets(seed, shape) for seed in SEEDS], {"model": {"hidden": hidden}})
    write(folder, folder / "report.html")
    return folder / "report.html"
