"""What a run folder's controls are: which trainings, of which seeds, at which level. Needs no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lth.controls.known import KNOWN, USUAL, Control, Where
from lth.ticket import Expected, Ticket, TicketError, load_own
from lth.ticket.course import course


@dataclass(frozen=True)
class Wanted:
    """Which controls, in the order of KNOWN, and at which levels: None is each seed's first separated one, or last."""

    controls: Sequence[Control] = USUAL
    levels: Sequence[int] | None = None


@dataclass(frozen=True)
class Training:
    """One training of a seed: its level, whether the seed's ticket is separated, and what it is trained from.

    `donor` is the seed whose mask is taken, where it is another's.
    """

    seed: int
    level: int
    separated: bool
    control: Control
    donor: int | None = None

    @property
    def where(self) -> Where:
        """On which data it trains, and by which optimiser."""
        return KNOWN[self.control].where

    @property
    def unchanged(self) -> bool:
        """Whether it is a recorded ticket, trained again as it was."""
        return KNOWN[self.control].unchanged


@dataclass(frozen=True)
class Controlled:
    """A training that is over: its row, None where the loss was not finite.

    `reproduced` tells, of unchanged tickets alone, whether training again gave every bit that was recorded.
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
    folder: Path, seeds: Sequence[int], levels: int, config_hash: str, expected: Expected, wanted: Wanted | None = None
) -> Asked:
    """Read the tickets of seeds whose runs have levels 0..`levels`, each up to its first separation.

    A seed that never separates is controlled at its last level; where levels are named, these are read and controlled
    instead. A seed whose tickets end before is a fault.
    """
    wanted, trainings, faults = wanted or Wanted(), list[Training](), list[str]()
    dense: dict[int, Mapping[str, Any]] = {}
    separated: dict[int, bool] = {}
    whole = wanted.levels is not None
    last = min(levels, max(wanted.levels or [levels]))
    for place, seed in enumerate(seeds):
        try:
            rows, dense[seed] = _rows(folder, seed, last, config_hash, expected, whole=whole)
        except TicketError as fault:
            faults.append(f"seed {seed}: {fault}")
            continue
        separated[seed] = _parts(rows[-1])
        others = (*seeds[place + 1 :], *seeds[:place])
        for level, control in _fitting(wanted, rows):
            at = level - KNOWN[control].earlier
            donor = _donor(folder, others, at, config_hash, expected) if control == "swapped" else None
            if control != "swapped" or donor is not None:
                trainings.append(Training(seed, at, _parts(rows[level]), control, donor))
    return Asked(tuple(trainings), dense, separated, tuple(faults))


def with_course(dense: Ticket) -> dict[str, Any]:
    """The row of the dense level, and how soon it got where it ended."""
    return {**dense.row, **course(dense.epochs, dense.row.get("val_accuracy"))}


def _fitting(wanted: Wanted, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, Control]]:
    """At which levels what can be done to a seed's tickets; nothing to the dense network, which no pruning made."""
    levels = [len(rows) - 1] if wanted.levels is None else [level for level in wanted.levels if level < len(rows)]
    return [
        (level, control)
        for level in levels
        for control in wanted.controls
        if level > KNOWN[control].earlier and (_parts(rows[level]) or not KNOWN[control].parts)
    ]


def _rows(
    folder: Path, seed: int, last: int, config_hash: str, expected: Expected, *, whole: bool
) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]]:
    """The rows of the seed's levels to the last one, unless `whole` to its first separation, and the dense one's.

    Raises TicketError.
    """
    rows: list[Mapping[str, Any]] = []
    dense: Mapping[str, Any] = {}
    ticket = None
    for level in range(last + 1):
        ticket = load_own(folder, seed, level, config_hash, expected, ticket)
        dense = dense or with_course(ticket)
        rows.append(ticket.row)
        if _parts(rows[-1]) and not whole:
            break
    return rows, dense


def _donor(folder: Path, others: Sequence[int], level: int, config_hash: str, expected: Expected) -> int | None:
    """The next of the other seeds whose ticket of this level is separated; without any, the next that has one."""
    first = None
    for seed in others:
        try:
            row = load_own(folder, seed, level, config_hash, expected).row
        except TicketError:  # named where it is that seed's turn
            continue
        if _parts(row):
            return seed
        first = seed if first is None else first
    return first


def _parts(row: Mapping[str, Any]) -> bool:
    return row.get("status") == "separated"
