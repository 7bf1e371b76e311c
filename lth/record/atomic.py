"""Files that a reader never sees half written; broken ones are set aside under another name."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class RecordError(RuntimeError):
    """The record cannot be written: the path, and why (disk full, read-only, …)."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(f"cannot write {path}: {os.strerror(cause.errno) if cause.errno else cause}")
        self.path = path
        self.cause = cause

    def __reduce__(self) -> tuple[type[RecordError], tuple[Path, OSError]]:
        return type(self), (self.path, self.cause)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to a temporary file beside `path`, sync it to disk and rename it to `path`; one writer per path.

    Raises RecordError for every OSError; the earlier file, if any, is then untouched and no temporary file stays.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        _remove(temporary)
        raise RecordError(path, error) from error


def set_aside(path: Path) -> str:
    """Rename to a free *.broken name; returns the old name. Raises RecordError when the folder cannot be written."""
    target = path.with_name(f"{path.name}.broken")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.{number}.broken")
    try:
        path.rename(target)
    except OSError as error:
        raise RecordError(path, error) from error
    return path.name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # the folder itself is read-only or gone: the first error says so
        path.unlink(missing_ok=True)
