"""A folder belongs to one configuration, and to one process at a time.

A process locks the `.claim` of one of its folders, however many it has: in the others' it leaves a word that names this
one, and where it lies. Such a word counts as long as that file is locked and holds the same word, so that the kernel
drops all claims of a process that dies.
"""

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from lth.files.atomic import RecordError
from lth.jobs.links import check_links
from lth.record import summary_file
from lth.settings import ConfigurationError
from lth.settings.differences import differing, listed

KEY, SWEEP_KEY = "hydra.run.dir", "hydra.sweep.dir"
_NAME = ".claim"
_MARKS = {"run": (".hydra", "summary.json", "levels.parquet", "tickets"), "sweep": ("multirun.yaml",)}
_NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)  # what network file systems without locks answer
_LONGEST = 10_000  # letters of a claim that are read
_TRIES, _PAUSE = 5, 0.02  # others lock a file for a moment when they look whose it is


class _HeldError(Exception):
    """Another process has it."""


@contextmanager
def claim(folder: Path, config_hash: str | None = None, key: str = KEY) -> Iterator[None]:
    """Hold a run folder, or with `config_hash` None a sweep's; as `claim_all`."""
    with claim_all([(folder, config_hash)], key):
        yield


@contextmanager
def claim_all(folders: Sequence[tuple[Path, str | None]], key: str = KEY) -> Iterator[None]:
    """Hold folders, each with the hash of its configuration, for this process; one file stays open for all of them.

    Raises ConfigurationError when a folder records another configuration, another process holds it or a link leads out
    of it, RecordError when it cannot be written.
    """
    held: IO[str] | None = None
    home, word = Path(), secrets.token_hex(8)
    try:
        for folder, config_hash in folders:
            check_configuration(folder, config_hash, key)
            check_links(folder, key)
            file = _locked(folder, key)
            if held is None:
                held, home = file, folder
                _write(file, word, folder)
                continue
            with file:
                _write(file, f"{word} {os.path.relpath(home.resolve(), folder.resolve())}", folder)
        yield
    finally:
        if held is not None:
            with suppress(OSError, ValueError), held:
                held.truncate(0)  # whoever locks this file without a word of its own does not hold the others


def check_claim(
    folder: Path, config_hash: str | None = None, key: str = KEY, config: Mapping[str, Any] | None = None
) -> None:
    """Raise ConfigurationError where `claim` would; writes nothing. With `config` it says which keys differ."""
    check_configuration(folder, config_hash, key, config)
    check_links(folder, key)
    try:
        with suppress(OSError, ValueError), _opened(folder, os.O_RDONLY) as file:
            _lock(file, fcntl.LOCK_SH)
            _check_word(file, folder)
    except _HeldError:
        raise _refusal(key, folder) from None


def check_keys(folder: Path, config: Mapping[str, Any], key: str = KEY) -> None:
    """Raise ConfigurationError for what `check_claim` would refuse for keys that the folder has with other values.

    Nothing is imported for it: which options are defaults, and so the configuration's hash, takes a second to know.
    """
    check_links(folder, key)
    lines = differing(_config(folder), config, both=True)
    if lines:
        raise _other(folder, listed(lines), key)


def check_configuration(
    folder: Path, config_hash: str | None, key: str = KEY, config: Mapping[str, Any] | None = None
) -> None:
    """Raise ConfigurationError when the folder records another configuration, or a sweep where this is a run."""
    kind, other = ("sweep", "run") if config_hash is None else ("run", "sweep")
    if _is(other, folder) and not _is(kind, folder):  # a reader would no longer find what is there
        raise ConfigurationError(key, folder, f"holds a {other}; must be another folder")
    recorded = None if config_hash is None else _recorded(folder)
    if recorded is not None and recorded != config_hash:
        lines = differing(before, config) if config is not None and (before := _config(folder)) else []
        raise _other(folder, listed(lines) or f"{recorded}, not {config_hash}", key)


def _other(folder: Path, why: str, key: str) -> ConfigurationError:
    return ConfigurationError(key, folder, f"holds the runs of another configuration ({why}); must be another folder")


def _locked(folder: Path, key: str) -> IO[str]:
    """The folder's claim, locked; its word, if it has one, is nobody's any more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _opened(folder, os.O_RDWR | os.O_CREAT)
        try:
            _lock(file, fcntl.LOCK_EX)
            _check_word(file, folder)
        except BaseException:
            file.close()
            raise
    except _HeldError:
        raise _refusal(key, folder) from None
    except OSError as error:
        raise RecordError(folder, error) from error
    return file


def _opened(folder: Path, flags: int) -> IO[str]:
    """The folder's claim, open; a link in its place, which would lead elsewhere, or what is no file, is an OSError."""
    descriptor = os.open(folder / _NAME, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{_NAME} is no file")
    return os.fdopen(descriptor, "r+" if flags & os.O_RDWR else "r", encoding="utf-8", errors="replace")


def _lock(file: IO[str], kind: int) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if attempt == _TRIES:
                raise _HeldError from None
            time.sleep(_PAUSE)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return


def _check_word(file: IO[str], folder: Path) -> None:
    """Raise _HeldError when the word in a claim is that of a process that lives."""
    word, _, place = file.read(_LONGEST).strip().partition(" ")
    if not place:
        return
    with suppress(OSError, ValueError), _opened(folder / place, os.O_RDONLY) as other:
        try:
            _lock(other, fcntl.LOCK_SH)
        except _HeldError:
            if other.read(_LONGEST).strip() == word:
                raise


def _write(file: IO[str], text: str, folder: Path) -> None:
    try:
        file.seek(0)
        file.truncate()
        file.write(text)
        file.flush()
    except OSError as error:
        raise RecordError(folder, error) from error


def _refusal(key: str, folder: Path) -> ConfigurationError:
    return ConfigurationError(key, folder, "another process records into it; let it end first")


def _is(kind: str, folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in _MARKS[kind])


def _config(folder: Path) -> Mapping[str, Any]:
    """The configuration in the folder's summary; nothing where it cannot be read."""
    with suppress(OSError, ValueError):
        return summary_file.read(folder / "summary.json")["config"]
    return {}


def _recorded(folder: Path) -> str | None:
    """The configuration that the summary names; where it cannot be read, that of the first whole ticket."""
    with suppress(OSError, ValueError):
        return summary_file.read(folder / "summary.json")["config_hash"]
    from lth.ticket import TicketError, load  # of no use to most folders, and slow to import

    for path in sorted(folder.glob("tickets/seed=*/level=*.safetensors")):
        with suppress(TicketError):
            return load(path).config_hash
    return None
