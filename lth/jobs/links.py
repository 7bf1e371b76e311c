"""Links in a run folder or a sweep's: what is written there stays there.

What this program writes itself follows none (lth.files.atomic). W&B and the launchers do not ask.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lth.settings import ConfigurationError

_WRITTEN = (".hydra", "wandb", ".wandb", "tickets", ".claim", ".submitit")
_OF_WANDB = ("latest-run", "debug.log", "debug-internal.log")  # links that W&B makes, and makes anew


def check_links(folder: Path, key: str) -> None:
    """Raise ConfigurationError when something that is written into in the folder is a symbolic link."""
    for path in _links(folder):
        allowed = f"{path.relative_to(folder)} in it is a link, and nothing is written through links; remove it first"
        raise ConfigurationError(key, folder, allowed)


def check_inside(top: Path, folder: Path, key: str) -> None:
    """Raise ConfigurationError unless `folder` lies below `top`, by way of directories alone."""
    bottom, top = Path(os.path.normpath(folder)), Path(os.path.normpath(top))
    if top not in bottom.parents:
        raise ConfigurationError(key, folder, f"must be a folder inside {top}")
    for path in (bottom, *bottom.parents):
        if path == top:
            return
        if path.is_symlink():
            raise ConfigurationError(key, folder, f"{path} is a link, and nothing is written through links")


def _links(folder: Path) -> Iterator[Path]:
    for path in _linked(folder):
        if path.name in _WRITTEN or path.suffix == ".log":
            yield path
    yield from _linked(folder / ".hydra")
    for path in _linked(folder / "wandb"):
        if not path.name.startswith(_OF_WANDB):
            yield path


def _linked(folder: Path) -> list[Path]:
    with suppress(OSError), os.scandir(folder) as entries:
        return sorted(Path(entry.path) for entry in entries if entry.is_symlink())
    return []
