"""What a run folder's controls are: which trainings, of which seeds, at which level. Needs no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from lth.ticket import Expected, TicketError, load_own

Control = Literal[
    "ticket", "reinit", "shuffled", "continued", "permuted", "fresh-ticket", "fresh-reinit", "fresh-dense"
]
KNOWN: tuple[Control, ...] = get_args(Control)
CONTROLS: tuple[Control, ...] = ("ticket", "reinit", "shuffled", "continued")  # where nothing else is asked for


@dataclass(frozen=True)
class Wanted:
    """Which controls of every seed, and at which levels: None is its first separated level, or its last."""

    controls: tuple[Control, ...] = CONTROLS
    levels: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Training:
    """One training of a seed: its level, whether the ticket there is separated, and what it is trained from."""

    seed: int
    level: int
    separated: bool
    control: Control

    @property
    def fresh(self) -> bool:
        """Whether it trains on data that are drawn anew."""
        return self.control.startswith("fresh-")


@dataclass(frozen=True)
class Controlled:
    """A training that is over: its row, None where the loss was not finite.

    `reproduced` tells, of tickets alone, whether training again gave every bit that was recorded.
    """

    training: Training
    row: Mapping[str, Any] | None
    reproduced: bool | None = None


@dataclass(frozen=True)
class Asked:
    """The trainings of some seeds, each seed's row of level 0, and what could not be read, one line each."""

    trainings: tuple[Training, ...]
    dense: Mapping[int, Mapping[str, Any]]
    separated: Mapping[int, bool]
    faults: tuple[str, ...]


def asked(
    folder: Path, seeds: Sequence[int], levels: int, config_hash: str, expected: Expected, wanted: Wanted
) -> Asked:
    """Read the tickets of seeds whose runs have levels 0..`levels`, each as far as something is wanted.

    A seed whose tickets end before that is a fault.
    """
    trainings: list[Training] = []
    dense: dict[int, Mapping[str, Any]] = {}
    separated: dict[int, bool] = {}
    faults: list[str] = []
    last = levels if wanted.levels is None else min(levels, max(wanted.levels))
    for seed in seeds:
        try:
            rows = _rows(folder, seed, last, config_hash, expected, until_separated=wanted.levels is None)
        except TicketError as fault:
            faults.append(f"seed {seed}: {fault}")
            continue
        dense[seed], separated[seed] = rows[0], _parts(rows[-1])
        for level in [len(rows) - 1] if wanted.levels is None else wanted.levels:
            if 0 < level < len(rows):
                trainings += [Training(seed, level, _parts(rows[level]), control) for control in wanted.controls]
    return Asked(tuple(trainings), dense, separated, tuple(faults))


def _rows(
    folder: Path, seed: int, last: int, config_hash: str, expected: Expected, *, until_separated: bool
) -> list[Mapping[str, Any]]:
    """The rows of the seed's levels up to the last one, or to its first separation. Raises TicketError."""
    rows: list[Mapping[str, Any]] = []
    ticket = None
    for level in range(last + 1):
        ticket = load_own(folder, seed, level, config_hash, expected, ticket)
        rows.append(ticket.row)
        if until_separated and _parts(rows[-1]):
            break
    return rows


def _parts(row: Mapping[str, Any]) -> bool:
    return row.get("status") == "separated"
