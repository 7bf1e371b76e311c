"""`python -m lth.retrain TICKET [override…]` trains the masks of tickets otherwise: other data, optimiser, start.

TICKET is a ticket of a run folder, or the run folder, all of whose seeds are taken, at `--level N` or their last level.
What is not overridden is as in that run; `pruning/restart=` says what survivors start from: `reset` (the anchor, which
is the default), `trained` (what the ticket came to), `reinit`, `sign_constant` or another file of conf/pruning/rewind.
It is a run of two levels: 0 is the network before anything is pruned, not trained; 1 is the ticket, trained. Its folder
is that of any run (hydra.run.dir=…), and the same command again, where it names that folder, goes on.

Exit codes: those of `python -m lth.run`.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from lth import terminal
from lth.command import run
from lth.command.compose import quoted
from lth.command.replay import has_record, recorded
from lth.settings import ConfigurationError, write_seeds
from lth.ticket import Ticket, TicketError, load, path_of

LEVEL = "--level"
_TICKETS_OWN = re.compile(r"\+{0,2}(pruning|pruning[/.](clock|criterion|schedule)(\..*)?|model[./](hidden|depth))")
_NOT_TAKEN = re.compile(r"\+{0,2}(seed|pruning|origin|hydra|model[./](hidden|depth))([./].*)?")


def main() -> NoReturn:
    """The command line's entry."""
    sys.exit(terminal.run(lambda: start(sys.argv[1:])))


def start(arguments: Sequence[str]) -> int:
    """Train what the arguments say; returns the exit code."""
    if not arguments or "--help" in arguments or "-h" in arguments:
        print(__doc__)
        return run.DONE if arguments else run.REFUSED
    try:
        made = overrides(arguments)
    except ConfigurationError as fault:
        print(fault, file=sys.stderr)
        return run.REFUSED
    return run.start(made)


def overrides(arguments: Sequence[str]) -> list[str]:
    """The overrides of `lth.run` that say the same. Raises ConfigurationError."""
    path, others, level = Path(arguments[0]), *_level(arguments[1:])
    folder, tickets = _tickets(path, level)
    one = tickets[0]
    for other in others:
        if _TICKETS_OWN.fullmatch(other.partition("=")[0]):
            key, _, value = other.partition("=")
            raise ConfigurationError(key, value, "must be left out: shape, mask and count are the ticket's own")
    named = {other.partition("=")[0].lstrip("+~") for other in others}
    if not has_record(folder):
        print(
            f"lth.retrain: {folder} does not tell its configuration; what is not said is as by default", file=sys.stderr
        )
    kept = [line for line in recorded(folder, others) if not _named_again(line.partition("=")[0], named)]
    return [*kept, *_own(folder, tickets, one), *_said(others)]


def _own(folder: Path, tickets: Sequence[Ticket], one: Ticket) -> Iterator[str]:
    """What makes a run one of these tickets."""
    count = min(sum(int(mask.sum()) for mask in (*t.masks, *(t.bias_masks or ()))) for t in tickets)
    yield from ("pruning=magnitude", "pruning/clock=before", "pruning/schedule=geometric", "pruning.schedule.rate=null")
    yield from (f"pruning.schedule.target={count}", "pruning.schedule.levels=1")
    yield "pruning.criterion._target_=lth.method.criterion.given.Given"
    yield f"pruning.biases={str(one.bias_masks is not None).lower()}"
    yield f"model.hidden=[{','.join(map(str, one.shape[1:-1]))}]"
    yield f"seed={write_seeds(tuple(ticket.seed for ticket in tickets))}"
    yield f"+origin.folder={quoted(str(folder.absolute()))}"
    yield from (f"+origin.level={one.level}", f"+origin.run={quoted(one.config_hash)}", "+origin.values=anchor")


def _said(others: Sequence[str]) -> Iterator[str]:
    """The overrides of the command line, in the words of `lth.run`."""
    for other in others:
        if other == "pruning/restart=trained":
            yield from ("pruning/rewind=reset", "origin.values=trained")
        else:
            yield re.sub(r"^(\+{0,2}pruning[/.])restart\b", r"\1rewind", other)


def _named_again(key: str, named: set[str]) -> bool:
    """Whether a recorded override is left out: it is the ticket's own, or of a group that is chosen anew."""
    key = key.lstrip("+~")
    return bool(_NOT_TAKEN.fullmatch(key)) or any(key == group or key.startswith(f"{group}.") for group in named)


def _level(arguments: Sequence[str]) -> tuple[list[str], int | None]:
    """The other arguments, and the level where it is said."""
    parts = [
        part for given in arguments for part in (given.split("=", 1) if given.startswith(f"{LEVEL}=") else [given])
    ]
    if LEVEL not in parts:
        return parts, None
    place = parts.index(LEVEL)
    text = parts[place + 1] if place + 1 < len(parts) else ""
    if not text.isdecimal():
        raise ConfigurationError(LEVEL, text, "must be an integer of 0 or more")
    return [*parts[:place], *parts[place + 2 :]], int(text)


def _tickets(path: Path, level: int | None) -> tuple[Path, list[Ticket]]:
    """The run folder and its tickets that are meant. Raises ConfigurationError."""
    paths = [path]
    if path.is_dir():
        levels = [sorted(seed.glob("level=*.safetensors")) for seed in sorted(path.glob("tickets/seed=*"))]
        if not levels or not all(levels):
            raise ConfigurationError("TICKET", path, "must be a ticket, or a run folder that has tickets")
        last = min(int(found[-1].stem.partition("=")[2]) for found in levels)
        paths = [found[0].with_name(path_of("", 0, last if level is None else level).name) for found in levels]
    try:
        tickets = [load(one) for one in paths]
    except TicketError as fault:
        raise ConfigurationError("TICKET", path, str(fault)) from None
    folder = paths[0].absolute().parents[2]
    if any(path_of(folder, of.seed, of.level) != one.absolute() for one, of in zip(paths, tickets, strict=True)):
        raise ConfigurationError("TICKET", path, "must lie in a run folder, as tickets/seed=S/level=LL.safetensors")
    if tickets[0].level == 0:
        raise ConfigurationError("TICKET", path, "is of level 0, which has no mask; must be of a later level")
    return folder, sorted(tickets, key=lambda ticket: ticket.seed)
