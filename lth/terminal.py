"""What every command of the laboratory stands on: output that takes any text and outlives its reader, and a home.

What is printed never ends a command: a letter that the encoding lacks is written otherwise, and when whoever listened
is gone (`| head`, a closed terminal, `>&-`) the rest is said to nobody.
"""

from __future__ import annotations

import codecs
import errno
import gc
import io
import logging
import os
import select
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
_silent: list[bool] = []  # one for each `silent` that is entered
_GONE = (errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO, errno.ECONNRESET)  # nobody listens: no fault of anybody's
_PLAIN = str.maketrans({"·": "-", "…": "...", "→": "->", "×": "x", "–": "-", "—": "-", "²": "2", "≤": "<=", "≥": ">="})
door = ""  # `lth` where a command was started through it
_PLACES = {"XDG_CACHE_HOME": "~/.cache", "XDG_CONFIG_HOME": "~/.config", "XDG_DATA_HOME": "~/.local/share"}


def called(command: str) -> str:
    """How a command was called, as its help says it."""
    return f"{door} {command}" if door else f"python -m lth.{command}"


def run(main: Callable[[], int]) -> int:
    """Call a command's `main` with the streams and the folders that it needs; returns its exit code."""
    try:
        return _run(main)
    except KeyboardInterrupt:  # before `main` was called, or while the last of its output was written
        return INTERRUPTED
    finally:
        gc.freeze()  # all of it goes with the process: looking through it for cycles once more takes a second


def _run(main: Callable[[], int]) -> int:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it says where its caches are, and that it fills them
    _open_all()
    out, _ = _lasting("stdout", 1), _lasting("stderr", 2)
    try:
        Path.cwd()
    except OSError as error:  # libraries end the program without a word of where they were
        print(f"the current folder cannot be used: {error.strerror}", file=sys.stderr)
        return REFUSED
    with _home():
        try:
            code = main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else FAILED
        except KeyboardInterrupt:
            code = INTERRUPTED
    sys.stdout.flush()
    if out.lost is not None and out.lost.errno not in _GONE:
        print(f"cannot write standard output: {out.lost.strerror}", file=sys.stderr)
        code = code or FAILED
    sys.stderr.flush()
    return code


@contextmanager
def heard() -> Iterator[None]:
    """Whoever listened to standard output may have gone (`| head`, a closed terminal): from then on it is silent.

    What was to be said is said to nobody; training goes on, and the end of the program does not fail on it. Commands
    have streams that see to that; this is for jobs that launchers start in processes of theirs.
    """
    out = sys.stdout  # None where it was closed before the start
    try:
        yield
        if out is not None:
            out.flush()
    except (OSError, SystemExit):  # rich makes the latter of a broken pipe
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, 1 if out is None else out.fileno())
        os.close(nobody)


def output() -> Console:
    """The console of standard output; wide enough for every table where it is no terminal, for nothing wraps there.

    Within `silent` it shows nothing. A notebook gets plain lines, not a cell's output for each.
    """
    from rich.console import Console

    # What files say is shown as it is.
    look: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False, "force_jupyter": False}
    console = Console(**look, quiet=bool(_silent))
    return console if console.is_terminal else Console(**look, quiet=bool(_silent), width=200)


@contextmanager
def silent() -> Iterator[None]:
    """Consoles that are made within it show nothing."""
    _silent.append(True)
    try:
        yield
    finally:
        _silent.pop()


def _open_all() -> None:
    """Streams that were closed lead nowhere: else the next file has their number, and what a child prints is in it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            nobody = os.open(os.devnull, os.O_RDWR)
            if nobody != descriptor:
                os.dup2(nobody, descriptor)
                os.close(nobody)
            os.set_inheritable(descriptor, True)


class _Lasting(io.FileIO):
    """A descriptor to write to, which is silent once writing to it has failed; `lost` is why."""

    lost: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            while (written := super().write(data)) is None:  # a pipe that does not wait is full
                select.select([], [self], [])
        except OSError as error:
            self.lost = self.lost or error
            nobody = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nobody, self.fileno())
            os.close(nobody)
            return len(data)
        return written


def _lasting(name: str, descriptor: int) -> _Lasting:
    """Put a lasting stream in the place of `sys.stdout` or `sys.stderr`, whatever was there."""
    usual: TextIO | None = getattr(sys, name)
    if usual is None:  # it was closed before the start, and another file may have its number by now
        raw = _Lasting(os.devnull, "w")
    else:
        usual.flush()
        raw = _Lasting(descriptor, "w", closefd=False)
    encoding = getattr(usual, "encoding", None) or "utf-8"
    at_once = name == "stderr" or raw.isatty()
    stream = io.TextIOWrapper(io.BufferedWriter(raw), encoding, "lth.plain", line_buffering=at_once)
    setattr(sys, name, stream)
    return raw


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """What an encoding lacks: bytes of file names as they are, some signs as others, the rest by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letter = error.object[error.start]
    if "\udc80" <= letter <= "\udcff":
        return bytes([ord(letter) - 0xDC00]), error.start + 1
    return letter.translate(_PLAIN).encode("ascii", "backslashreplace"), error.start + 1


codecs.register_error("lth.plain", _plain)


@contextmanager
def _home() -> Iterator[None]:
    """Where the home cannot be written, the caches of libraries go to a folder that is gone at the end."""
    if "HOME" not in os.environ:  # Python knows it all the same; what is written in other languages does not
        os.environ.update({name: os.environ.get(name) or os.path.expanduser(place) for name, place in _PLACES.items()})  # noqa: PTH111
    closed = {name: place for name, place in _PLACES.items() if not _writable(os.environ.get(name) or place)}
    if not closed:
        yield
        return
    try:
        folder = tempfile.mkdtemp(prefix="lth-")
    except OSError:  # nothing can be written anywhere: the command itself says so if it minds
        yield
        return
    try:
        os.environ.update({name: str(Path(folder, name.lower())) for name in closed})
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _writable(place: str) -> bool:
    """Whether files can be written in the folder, or where it would be made."""
    path = Path(os.path.expanduser(place))  # noqa: PTH111  Path.expanduser raises where nobody knows the home
    if not path.is_absolute():
        return False
    with suppress(OSError):
        while not path.exists():
            path = path.parent
        with tempfile.TemporaryFile(dir=path):
            return True
    return False
