"""The server that workers are forked from, and where multiprocessing has its sockets."""

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path
from types import ModuleType

from lth.settings import ConfigurationError

LONGEST = 70  # bytes of a folder for sockets: with what multiprocessing adds, a socket's path may have 107


def warm_up() -> None:
    """Start the server that workers are forked from, so that it imports the training code while the caller goes on."""
    # Threads of a worker would only fight over cores; libraries read this when they are first imported.
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    # Children are told their parent's default method, and refuse one that a library added to the parent alone (loky).
    if multiprocessing.get_start_method(allow_none=True) not in (None, *multiprocessing.get_all_start_methods()):
        multiprocessing.set_start_method("forkserver", force=True)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["lth.training.train"])
    _choose_place()
    # A terminal's Ctrl-C reaches it too, in the midst of its imports, and it has nothing to say to that.
    resource_tracker.ensure_running()  # the server starts it, which would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_main() -> Iterator[None]:
    """Processes that are started within it do not import the caller's main program, which nothing of theirs is in.

    It may be a script without `if __name__ == "__main__"`, which would start them all over again.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _choose_place() -> None:
    """Let multiprocessing have its sockets in TMPDIR, or where that is too long for them, elsewhere.

    Raises ConfigurationError where there is no place for them.
    """
    try:
        usual = tempfile.gettempdir()
    except OSError as error:
        raise ConfigurationError(
            "TMPDIR", os.environ.get("TMPDIR"), f"no folder to write to ({error.strerror})"
        ) from None
    for place in (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp", "/dev/shm"):
        if Path(place).is_absolute() and len(os.fsencode(place)) <= LONGEST and os.access(place, os.W_OK | os.X_OK):
            tempfile.tempdir = place
            try:
                util.get_temp_dir()  # it keeps to the first that it gave
            finally:
                tempfile.tempdir = usual
            return
    allowed = f"must have at most {LONGEST} bytes, for sockets are in it, and no other folder can be written"
    raise ConfigurationError("TMPDIR", usual, allowed)
