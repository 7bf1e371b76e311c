"""A run folder belongs to one configuration, and to one process at a time."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lth.atomic import RecordError
from lth.settings import ConfigurationError

KEY = "hydra.run.dir"


@contextmanager
def claim(folder: Path, config_hash: str) -> Iterator[None]:
    """Hold a run folder for this process.

    Raises ConfigurationError when the folder records another configuration or another process holds it, RecordError
    when it cannot be written. The kernel drops the claim of a process that dies.
    """
    _check_configuration(folder, config_hash)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".claim").open("a")
    except OSError as error:
        raise RecordError(folder, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ConfigurationError(KEY, folder, "another process records into it; let it end first") from None
        yield


def _check_configuration(folder: Path, config_hash: str) -> None:
    try:
        recorded = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["config_hash"]
    except (OSError, ValueError, LookupError, TypeError):
        return  # nothing there, or nothing readable: the tickets say themselves whose they are
    if recorded != config_hash:
        allowed = f"holds the runs of another configuration ({recorded}, not {config_hash}); must be another folder"
        raise ConfigurationError(KEY, folder, allowed)
