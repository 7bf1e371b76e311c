"""A folder belongs to one configuration, and to one process at a time."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lth.record import checked_json
from lth.record.atomic import RecordError
from lth.settings import ConfigurationError
from lth.work.links import check_links

KEY, SWEEP_KEY = "hydra.run.dir", "hydra.sweep.dir"
_NAME = ".claim"
_MARKS = {"run": (".hydra", "summary.json", "levels.parquet", "tickets"), "sweep": ("multirun.yaml",)}
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)  # what network file systems without locks answer


@contextmanager
def claim(folder: Path, config_hash: str | None = None, key: str = KEY) -> Iterator[None]:
    """Hold a run folder, or with `config_hash` None a sweep's, for this process.

    Raises ConfigurationError when the folder records another configuration, another process holds it or a link leads
    out of it, RecordError when it cannot be written. The kernel drops the claim of a process that dies.
    """
    check_configuration(folder, config_hash, key)
    check_links(folder, key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _opened(folder / _NAME, "a")
    except OSError as error:
        raise RecordError(folder, error) from error
    with file:
        _lock(file, fcntl.LOCK_EX, folder, key)
        yield


def check_claim(folder: Path, config_hash: str | None = None, key: str = KEY) -> None:
    """Raise ConfigurationError where `claim` would; writes nothing."""
    check_configuration(folder, config_hash, key)
    check_links(folder, key)
    with suppress(OSError), _opened(folder / _NAME, "r") as file:
        _lock(file, fcntl.LOCK_SH, folder, key)


def check_configuration(folder: Path, config_hash: str | None, key: str = KEY) -> None:
    """Raise ConfigurationError when the folder records another configuration, or a sweep where this is a run."""
    kind, other = ("sweep", "run") if config_hash is None else ("run", "sweep")
    if _is(other, folder) and not _is(kind, folder):  # a reader would no longer find what is there
        raise ConfigurationError(key, folder, f"holds a {other}; must be another folder")
    recorded = None if config_hash is None else _recorded(folder)
    if recorded is not None and recorded != config_hash:
        allowed = f"holds the runs of another configuration ({recorded}, not {config_hash}); must be another folder"
        raise ConfigurationError(key, folder, allowed)


def _opened(path: Path, mode: str) -> IO[str]:
    """Not through a link, and without waiting where it is no file."""
    return open(path, mode, opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666))


def _lock(file: IO[str], kind: int, folder: Path, key: str) -> None:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(key, folder, "another process records into it; let it end first") from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise RecordError(folder, error) from error


def _is(kind: str, folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in _MARKS[kind])


def _recorded(folder: Path) -> str | None:
    """The configuration that the summary names; where it cannot be read, that of the first whole ticket."""
    with suppress(OSError, ValueError, LookupError):
        return checked_json.unpack((folder / "summary.json").read_bytes())["config_hash"]
    from lth.ticket import TicketError, load  # of no use to most folders, and slow to import

    for path in sorted(folder.glob("tickets/seed=*/level=*.safetensors")):
        with suppress(TicketError):
            return load(path).config_hash
    return None
