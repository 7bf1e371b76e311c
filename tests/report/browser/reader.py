"""A page as its reader has it, in a browser that is driven from here."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium.webdriver.support.ui import WebDriverWait

SEEDS = (0, 1, 2)  # of each configuration of the page
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
