"""A folder belongs to one configuration, and to one process at a time."""

import errno
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lth.record import summary_file
from lth.record.atomic import RecordError
from lth.settings import ConfigurationError

KEY, SWEEP_KEY = "hydra.run.dir", "hydra.sweep.dir"
_NAME = ".claim"
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)  # what network file systems without locks answer


@contextmanager
def claim(folder: Path, config_hash: str | None = None, key: str = KEY) -> Iterator[None]:
    """Hold a run folder, or with `config_hash` None a sweep's, for this process.

    Raises ConfigurationError when the folder records another configuration or another process holds it, RecordError
    when it cannot be written. The kernel drops the claim of a process that dies.
    """
    check_configuration(folder, config_hash, key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _NAME).open("a")
    except OSError as error:
        raise RecordError(folder, error) from error
    with file:
        _lock(file, fcntl.LOCK_EX, folder, key)
        yield


def check_claim(folder: Path, config_hash: str | None = None, key: str = KEY) -> None:
    """Raise ConfigurationError where `claim` would; writes nothing."""
    check_configuration(folder, config_hash, key)
    with suppress(OSError), (folder / _NAME).open("r") as file:
        _lock(file, fcntl.LOCK_SH, folder, key)


def check_configuration(folder: Path, config_hash: str | None, key: str = KEY) -> None:
    """Raise ConfigurationError when the folder records another configuration than this one."""
    recorded = None if config_hash is None else _recorded(folder)
    if recorded is not None and recorded != config_hash:
        allowed = f"holds the runs of another configuration ({recorded}, not {config_hash}); must be another folder"
        raise ConfigurationError(key, folder, allowed)


def _lock(file: IO[str], kind: int, folder: Path, key: str) -> None:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(key, folder, "another process records into it; let it end first") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise RecordError(folder, error) from error


def _recorded(folder: Path) -> str | None:
    """The configuration that the summary names; where it cannot be read, that of the first whole ticket."""
    with suppress(OSError, ValueError):
        return summary_file.read(folder / "summary.json")["config_hash"]
    from lth.ticket import TicketError, load  # of no use to most folders, and slow to import

    for path in sorted(folder.glob("tickets/seed=*/level=*.safetensors")):
        with suppress(TicketError):
            return load(path).config_hash
    return None
