"""The tickets of one seed as the viewer shows them: which levels, and what each says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lth.data.dataset import Task
from lth.report.found import Seed
from lth.ticket import Structure, Ticket, TicketError, analyse, load
from lth.ticket.distance import least_cut
from lth.ticket.picture.flow import Flow, flow
from lth.ticket.picture.scene import Scene
from lth.ticket.states import Reach, reach
from lth.ticket.words import status_words

MOST_WEIGHTS = 5000  # drawn one by one: more are neither seen apart nor drawn without a pause
MOST_TASKS = 30  # the browser counts bits in 32-bit numbers
_NAME = re.compile(r"level=(\d+)\.safetensors")


@dataclass(frozen=True, eq=False)
class Drawn:
    """A level whose weights the viewer draws one by one; `cut` are those of a least cut, (out, in) bool per layer."""

    ticket: Ticket
    structure: Structure
    reached: Reach
    cut: tuple[np.ndarray, ...]

    @property
    def status(self) -> str:
        """The ticket's status as its run saw it: what counts as degraded is a setting of the run."""
        return str(self.ticket.row.get("status") or self.structure.status)


@dataclass(frozen=True, eq=False)
class Level:
    """What is shown of a level of any size: its row, its status in words, its neurons and weights in groups."""

    number: int
    row: Mapping[str, Any]
    words: str
    flow: Flow


@dataclass(frozen=True)
class Network:
    """What all levels of a seed have in common."""

    shape: tuple[int, ...]
    tasks: tuple[Task, ...]
    config_hash: str


@dataclass(frozen=True, eq=False)
class Chain:
    """The levels of a seed, lowest first; those that are drawn weight by weight; what was left out, and why."""

    network: Network | None
    levels: tuple[Level, ...]
    drawn: tuple[Drawn, ...]
    faults: tuple[str, ...]


def read(seed: Seed) -> Chain:
    """Read a seed's tickets: all of them in groups, those of MOST_WEIGHTS weights or fewer weight by weight, too.

    A ticket that is broken, or does not belong to the others, is named in `faults` and left out.
    """
    network: Network | None = None
    levels, drawn, faults = [], [], []
    for level, path in _paths(seed):
        try:
            ticket = load(path)
            _check(ticket, seed, level, network)
            network = network or _network(ticket)
            shown, own = _shown(ticket)
            levels.append(shown)
            drawn += own
        except TicketError as fault:
            faults.append(str(fault))
        except ValueError as fault:
            faults.append(f"{path}: {fault}")
    return Chain(network, tuple(levels), tuple(drawn), tuple(faults))


def _paths(seed: Seed) -> Iterator[tuple[int, Path]]:
    folder = seed.folder / "tickets" / f"seed={seed.number}"
    names = [(_NAME.fullmatch(path.name), path) for path in folder.glob("level=*.safetensors")]
    yield from sorted((int(match[1]), path) for match, path in names if match)


def _network(ticket: Ticket) -> Network:
    return Network(tuple(ticket.shape), tuple(ticket.tasks), ticket.config_hash)


def _check(ticket: Ticket, seed: Seed, level: int, network: Network | None) -> None:
    """Raise ValueError for a ticket of another seed, level, network or configuration, or of too many tasks."""
    if (ticket.seed, ticket.level) != (seed.number, level):
        raise ValueError(f"is the ticket of seed {ticket.seed}, level {ticket.level}")
    if len(ticket.tasks) > MOST_TASKS:
        raise ValueError(f"has {len(ticket.tasks)} tasks; pages show up to {MOST_TASKS}")
    if network is not None and _network(ticket) != network:
        raise ValueError("is of another network or configuration than the first level")


def _shown(ticket: Ticket) -> tuple[Level, list[Drawn]]:
    """The level in groups and, where it is small enough, weight by weight."""
    structure, reached = analyse(ticket.masks, ticket.tasks, cut_limit=0), reach(ticket.masks, ticket.tasks)
    scene = Scene(ticket, structure, reached)
    level = Level(ticket.level, ticket.row, status_words(structure, scene.status), flow(scene))
    if scene.kept > MOST_WEIGHTS:
        return level, []
    cut = least_cut(structure.weights, structure.neurons, ticket.tasks)
    light = replace(ticket, anchors=(), anchor_biases=())  # of large networks the chain is kept as a whole
    return level, [Drawn(light, structure, reached, cut)]
