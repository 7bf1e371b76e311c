"""The picture of a seed's ticket, as a job for a worker: a process that can be ended in the middle of it."""

import io
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lth.ticket.file import path_of
from lth.training.messages import Drawn

ENTRY = "lth.record.picture:draw"  # what a worker calls with such a job
DOTS = 150  # per inch


@dataclass(frozen=True)
class Picture:
    """A ticket to draw: where its file is, whose it is, and its configuration in words."""

    ticket: Path
    seed: int
    level: int
    about: str = ""


def png_path(folder: Path, seed: int) -> Path:
    """Where a run folder keeps the picture of a seed."""
    return path_of(folder, seed, 0).with_name("ticket.png")


def drawn_level(statuses: Sequence[str | None]) -> int:
    """The level whose ticket says most: the first separation, else the last that is not degraded, else the last."""
    if "separated" in statuses:
        return list(statuses).index("separated")
    whole = [level for level, status in enumerate(statuses) if status != "degraded"]
    return whole[-1] if whole else len(statuses) - 1


def is_drawn(folder: Path, seed: int) -> bool:
    """Whether the seed has a picture, a file of its own, and no ticket that was written after it."""
    picture = png_path(folder, seed)
    try:
        drawn = picture.lstat()
        tickets = [path.stat().st_mtime_ns for path in picture.parent.glob("level=*.safetensors")]
    except OSError:
        return False
    return stat.S_ISREG(drawn.st_mode) and all(written <= drawn.st_mtime_ns for written in tickets)


def draw(job: Picture, send: Callable[[Drawn], None], _: object = None) -> None:
    """Draw a ticket and send the picture; what cannot be drawn is told, for nothing finished depends on it."""
    try:
        drawn = Drawn(job.seed, job.level, png_of(job.ticket, job.about))
    except Exception as error:  # noqa: BLE001 - no fault in a drawing is worth a finished stack
        drawn = Drawn(job.seed, job.level, None, str(error))
    send(drawn)


def png_of(ticket: Path, about: str = "") -> bytes:
    """A ticket's file drawn as PNG, with its configuration in words; raises ValueError for a broken file."""
    from lth.ticket import load
    from lth.ticket.draw import draw as drawing

    buffer = io.BytesIO()
    drawing(load(ticket), about).savefig(buffer, format="png", dpi=DOTS)
    return buffer.getvalue()
