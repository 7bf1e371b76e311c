"""The ticket file: masks, anchor and trained weights of one seed at one level, in safetensors.

The file is the commit point of a run: a level is finished exactly when its ticket is there and whole, so the chain of
a seed's tickets says where to resume.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lth.files.atomic import set_aside, write_atomic
from lth.files.foreign import content, line
from lth.ticket.as_bytes import from_bytes, to_bytes
from lth.ticket.contents import Ticket
from lth.ticket.expected import Expected

MOST_BYTES = 2**36  # of the largest network that a configuration may have
_NAME = re.compile(r"level=(\d+)\.safetensors")


class TicketError(ValueError):
    """A file that is not a whole ticket; the message says which file and why."""


@dataclass(frozen=True, eq=False)
class Chain:
    """The unbroken chain of levels 0..L of one seed: its last ticket, every level's row and epochs (E, 3).

    `set_aside` names the files that were renamed to *.broken, `reason` says in one line why the first one was.
    """

    last: Ticket | None
    rows: tuple[dict[str, Any], ...]
    epochs: tuple[np.ndarray, ...]
    set_aside: tuple[str, ...]
    reason: str | None


def path_of(folder: Path | str, seed: int, level: int) -> Path:
    """Where a run folder keeps the ticket of one seed and level."""
    return Path(folder) / "tickets" / f"seed={seed}" / f"level={level:02d}.safetensors"


def save(path: Path | str, ticket: Ticket, within: Path | None = None) -> None:
    """Write a ticket so that `path` holds either what it held before or all of it, on the disk, when this returns.

    Below `within`, the run folder, no link is written through. Raises ValueError when the ticket's arrays do not fit
    each other, TypeError when its row is not plain data, RecordError when the disk refuses.
    """
    write_atomic(Path(path), to_bytes(ticket), within)


def load(path: Path | str) -> Ticket:
    """Read a ticket back; its arrays are writable copies.

    Raises TicketError when the file is missing, truncated, changed in any byte, or no ticket.
    """
    path = Path(path)
    try:
        return from_bytes(content(path, MOST_BYTES))
    except OSError as fault:
        raise TicketError(f"{path}: cannot be read ({fault.strerror})") from None
    except LookupError as fault:
        raise TicketError(f"{path}: not a ticket (no {line(fault.args[0])})") from None
    except ValueError as fault:
        raise TicketError(f"{path}: {line(fault)}") from None


def chain(folder: Path | str, seed: int, config_hash: str, expected: Expected | None = None) -> Chain:
    """Read the finished levels of a seed, lowest first, up to the first that is missing, broken or foreign.

    Foreign is a ticket of another seed, level or configuration, or one that is not as `expected`. That file and
    everything after it are renamed to *.broken, so that the levels can be trained again and nothing is lost.
    """
    names = [(_NAME.fullmatch(path.name), path) for path in path_of(folder, seed, 0).parent.glob("level=*.safetensors")]
    found = {int(match[1]): path for match, path in names if match}
    last, reason = None, None
    rows: list[dict[str, Any]] = []
    epochs: list[np.ndarray] = []
    for level in range(max(found, default=-1) + 1):
        try:
            last = load_own(folder, seed, level, config_hash, expected, last)
        except TicketError as fault:
            reason = str(fault)
            break
        rows.append(last.row)
        epochs.append(last.epochs)
    aside = tuple(set_aside(path, Path(folder)) for level, path in sorted(found.items()) if level >= len(rows))
    return Chain(last, tuple(rows), tuple(epochs), aside, reason)


def last_finished(folder: Path | str, seed: int, config_hash: str) -> Ticket | None:
    """The ticket of the highest level of the unbroken chain from level 0, or None; sets aside as `chain` does."""
    return chain(folder, seed, config_hash).last


def load_own(
    folder: Path | str,
    seed: int,
    level: int,
    config_hash: str,
    expected: Expected | None = None,
    before: Ticket | None = None,
) -> Ticket:
    """The ticket of a run folder's seed at a level; raises TicketError when it is missing, broken or foreign.

    With `before`, the ticket of the level before, its masks must lie within that one's.
    """
    path = path_of(folder, seed, level)
    ticket = load(path)
    if (ticket.seed, ticket.level) != (seed, level):
        raise TicketError(f"{path}: is the ticket of seed {ticket.seed}, level {ticket.level}")
    if ticket.config_hash != config_hash:
        raise TicketError(f"{path}: was made by another configuration ({ticket.config_hash}, not {config_hash})")
    try:
        if expected is not None:
            expected.check(ticket, before)
    except ValueError as fault:
        raise TicketError(f"{path}: {line(fault)}") from None
    return ticket
