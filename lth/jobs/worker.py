"""A worker's life: it takes jobs, one at a time, and says what comes of them."""

import signal
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pkgutil import resolve_name

from lth.files.atomic import RecordError


@dataclass(frozen=True)
class JobOver:
    """A worker is through with its job; `error` says in one line what went wrong, None when nothing did.

    A folder that cannot be written is no matter of one job: it comes as the RecordError that it is.
    """

    error: str | RecordError | None = None


def work(connection: Connection) -> None:
    """A worker's life: take jobs and carry them out until the connection closes."""
    # These reach the whole process group; the main process tells workers when to stop.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    import torch

    torch.set_num_threads(1)
    while True:
        try:
            asked = connection.recv()
        except (EOFError, OSError):
            return
        if asked is None:
            continue
        try:
            entry, job = asked
            resolve_name(entry)(job, connection.send, connection.poll)
            over = JobOver()
        except BrokenPipeError:
            return
        except RecordError as error:
            over = JobOver(error)
        except Exception as error:  # noqa: BLE001 a worker must outlive any job and say what happened
            over = JobOver(_one_line(error))
        try:
            connection.send(over)
        except OSError:
            return


def _one_line(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split()) or "no further text"
    return f"{type(error).__name__}: {text} ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
