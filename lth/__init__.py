"""lth: a laboratory for the structure of lottery tickets.

What is listed in `_DOORS` is imported when it is first asked for.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
_DOORS = {
    "Dataset": "lth.data",
    "Runs": "lth.door",
    "Task": "lth.data",
    "Ticket": "lth.ticket",
    "analyse": "lth.ticket",
    "train": "lth.door",
}
_ROOMS = ("results", "ticket")  # lth.results.load, lth.ticket.load


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"lth.{name}")
    if name not in _DOORS:
        raise AttributeError(f"module 'lth' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_DOORS[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_DOORS, *_ROOMS})
