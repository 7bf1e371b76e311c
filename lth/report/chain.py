"""The tickets of one seed as the viewer shows them: which levels, and what each says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lth.report.found import Seed
from lth.ticket import Structure, Ticket, TicketError, analyse, load
from lth.ticket.distance import least_cut
from lth.ticket.states import Reach, reach

MOST_WEIGHTS = 5000  # drawn at once: more are neither seen apart nor drawn without a pause
MOST_TASKS = 30  # the browser counts bits in 32-bit numbers
_NAME = re.compile(r"level=(\d+)\.safetensors")


@dataclass(frozen=True, eq=False)
class Drawn:
    """One level that the viewer shows; `cut` are the weights of a least cut, (out, in) bool per layer."""

    ticket: Ticket
    structure: Structure
    reached: Reach
    cut: tuple[np.ndarray, ...]

    @property
    def status(self) -> str:
        """The ticket's status as its run saw it: what counts as degraded is a setting of the run."""
        return str(self.ticket.row.get("status") or self.structure.status)


@dataclass(frozen=True, eq=False)
class Chain:
    """The drawn levels of a seed, lowest first; levels too large to draw; what was left out, and why."""

    drawn: tuple[Drawn, ...]
    too_large: tuple[int, ...]
    faults: tuple[str, ...]


def read(seed: Seed) -> Chain:
    """Read a seed's tickets from the level on at which it has MOST_WEIGHTS weights or fewer.

    A ticket that is broken, or does not belong to the others, is named in `faults` and left out.
    """
    drawn: list[Drawn] = []
    too_large, faults = [], []
    for level, path in _paths(seed):
        weights = seed.rows.get(level, {}).get("weights")
        if isinstance(weights, int) and weights > MOST_WEIGHTS:
            too_large.append(level)
            continue
        try:
            ticket = load(path)
            _check(ticket, seed, level, drawn)
            if sum(int(mask.sum()) for mask in ticket.masks) > MOST_WEIGHTS:
                too_large.append(level)
            else:
                drawn.append(_drawn(ticket))
        except TicketError as fault:
            faults.append(str(fault))
        except ValueError as fault:
            faults.append(f"{path}: {fault}")
    return Chain(tuple(drawn), tuple(too_large), tuple(faults))


def _paths(seed: Seed) -> Iterator[tuple[int, Path]]:
    folder = seed.folder / "tickets" / f"seed={seed.number}"
    names = [(_NAME.fullmatch(path.name), path) for path in folder.glob("level=*.safetensors")]
    yield from sorted((int(match[1]), path) for match, path in names if match)


def _check(ticket: Ticket, seed: Seed, level: int, others: Sequence[Drawn]) -> None:
    """Raise ValueError for a ticket of another seed, level, network or configuration, or of too many tasks."""
    if (ticket.seed, ticket.level) != (seed.number, level):
        raise ValueError(f"is the ticket of seed {ticket.seed}, level {ticket.level}")
    if len(ticket.tasks) > MOST_TASKS:
        raise ValueError(f"has {len(ticket.tasks)} tasks; pages show up to {MOST_TASKS}")
    first = others[0].ticket if others else ticket
    if (ticket.shape, ticket.tasks, ticket.config_hash) != (first.shape, first.tasks, first.config_hash):
        raise ValueError(f"is of another network or configuration than level {first.level}")


def _drawn(ticket: Ticket) -> Drawn:
    structure = analyse(ticket.masks, ticket.tasks, cut_limit=0)
    cut = least_cut(structure.weights, structure.neurons, ticket.tasks)
    light = replace(ticket, anchors=(), anchor_biases=())  # of large networks the chain is kept as a whole
    return Drawn(light, structure, reach(ticket.masks, ticket.tasks), cut)
