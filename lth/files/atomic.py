"""Files that a reader never sees half written; broken ones are set aside under another name."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path


class RecordError(RuntimeError):
    """The record cannot be written: the path, and why (disk full, read-only, …)."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(f"cannot write {path}: {os.strerror(cause.errno) if cause.errno else cause}")
        self.path = path
        self.cause = cause

    def __reduce__(self) -> tuple[type[RecordError], tuple[Path, OSError]]:
        return type(self), (self.path, self.cause)


def write_atomic(path: Path, data: bytes, within: Path | None = None) -> None:
    """Write `data` to a temporary file beside `path`, sync it to disk and rename it to `path`; one writer per path.

    Below `within`, by default the file's own folder, no link is written through; `within` itself may be one. Raises
    RecordError for every OSError; the earlier file, if any, is then untouched and no temporary file stays.
    """
    temporary = f".{path.name}.tmp"
    try:
        with _opened(path.parent, within or path.parent, make=True) as folder:
            try:
                _write_new(temporary, folder, data)
                os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
            except OSError:
                _remove(temporary, folder)
                raise
    except OSError as error:
        raise RecordError(path, error) from error


def set_aside(path: Path, within: Path | None = None) -> str:
    """Rename to a free *.broken name; returns the old name. Raises RecordError when the folder cannot be written.

    `within` is as for `write_atomic`.
    """
    try:
        with _opened(path.parent, within or path.parent, make=False) as folder:
            names = set(os.listdir(folder))  # noqa: PTH208
            numbered = (f"{path.name}.{number}.broken" for number in itertools.count(2))
            free = next(name for name in itertools.chain([f"{path.name}.broken"], numbered) if name not in names)
            os.rename(path.name, free, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError as error:
        raise RecordError(path, error) from error
    return path.name


@contextlib.contextmanager
def _opened(folder: Path, within: Path, *, make: bool) -> Iterator[int]:
    """A descriptor of `folder`, by way of directories alone from `within` on; `make` makes those that are missing."""
    if not folder.is_relative_to(within) or ".." in folder.relative_to(within).parts:
        raise OSError(f"it is outside of {within}")
    if make:
        within.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(within, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folder.relative_to(within).parts:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            outer, descriptor = descriptor, _inner(part, descriptor)
            os.close(outer)
        yield descriptor
    finally:
        os.close(descriptor)


def _inner(part: str, descriptor: int) -> int:
    if stat.S_ISLNK(os.stat(part, dir_fd=descriptor, follow_symlinks=False).st_mode):
        raise OSError(f"{part} is a link, and nothing is written through links")
    return os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)


def _write_new(name: str, folder: int, data: bytes) -> None:
    """Into a file that was not there: what lies there, a link of either kind perhaps, is taken away and not opened."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    with open(name, "xb", opener=lambda path, flags: os.open(path, flags, 0o666, dir_fd=folder)) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(name: str, folder: int) -> None:
    with contextlib.suppress(OSError):  # the folder itself is read-only or gone: the first error says so
        os.unlink(name, dir_fd=folder)
