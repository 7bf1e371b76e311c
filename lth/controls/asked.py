"""What a run folder's controls are: which trainings, of which seeds, at which level. Needs no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lth.ticket import Expected, TicketError, load_own

Control = Literal["ticket", "reinit", "shuffled", "continued"]
CONTROLS: tuple[Control, ...] = ("ticket", "reinit", "shuffled", "continued")


@dataclass(frozen=True)
class Training:
    """One training of a seed: its level, whether the ticket there is separated, and what it is trained from."""

    seed: int
    level: int
    separated: bool
    control: Control


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


def asked(folder: Path, seeds: Sequence[int], levels: int, config_hash: str, expected: Expected) -> Asked:
    """Read the tickets of seeds whose runs have levels 0..`levels`, each up to its first separation.

    A seed that never separates is controlled at its last level; one whose tickets end before it is a fault.
    """
    trainings: list[Training] = []
    dense: dict[int, Mapping[str, Any]] = {}
    separated: dict[int, bool] = {}
    faults: list[str] = []
    for seed in seeds:
        try:
            rows = _rows(folder, seed, levels, config_hash, expected)
        except TicketError as fault:
            faults.append(f"seed {seed}: {fault}")
            continue
        level, dense[seed], separated[seed] = len(rows) - 1, rows[0], _parts(rows[-1])
        if level:
            trainings += [Training(seed, level, separated[seed], control) for control in CONTROLS]
    return Asked(tuple(trainings), dense, separated, tuple(faults))


def _rows(folder: Path, seed: int, levels: int, config_hash: str, expected: Expected) -> list[Mapping[str, Any]]:
    """The rows of the seed's levels up to its first separation, or all of them. Raises TicketError."""
    rows: list[Mapping[str, Any]] = []
    ticket = None
    for level in range(levels + 1):
        ticket = load_own(folder, seed, level, config_hash, expected, ticket)
        rows.append(ticket.row)
        if _parts(rows[-1]):
            break
    return rows


def _parts(row: Mapping[str, Any]) -> bool:
    return row.get("status") == "separated"
