"""What code does to the machine while it is watched: files opened to write, moved or removed, and code that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PLACES = {"open": 0, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "shutil.rmtree": 0,
           "os.truncate": 0, "os.symlink": 1, "os.link": 1, "os.chmod": 0}  # fmt: skip
_RUNS = ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")
_watching: list[list[str]] = []
_installed: list[bool] = []


@contextmanager
def watched(inside: Path) -> Iterator[list[str]]:
    """Gives what happens outside this folder, and what is executed; nothing of either should."""
    if not _installed:
        sys.addaudithook(_hear)
        _installed.append(True)
    said: list[str] = []
    _watching.append(said)
    try:
        yield said
    finally:
        _watching.remove(said)
        said[:] = [text for text in said if not text.startswith("wrote ") or not _below(text[6:], inside)]


def _below(path: str, folder: Path) -> bool:
    whole = os.path.realpath(path)
    return whole.startswith(f"{folder.resolve()}/") or whole == "/dev/null" or "__pycache__" in whole


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in _RUNS:
        _watching[-1].append(f"ran {event} {arguments[:2]}")
    elif event in _PLACES:
        path = arguments[_PLACES[event]]
        reads = event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not reads and isinstance(path, (str, bytes, os.PathLike)):
            _watching[-1].append(f"wrote {Path(os.fsdecode(path)).absolute()}")
