"""What a tracker is asked for: one run per seed, the level as step, everywhere under the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lth.settings.modes import Mode

Values = Mapping[str, Any]  # numbers, truths and texts by their names; None where something was not computed


@dataclass(frozen=True)
class Tracking:
    """What is tracked where and under which names; `group` None means the configuration's hash."""

    mode: Mode = "offline"
    project: str = "lth"
    entity: str | None = None
    group: str | None = None
    job_type: str = "stack"
    tags: tuple[str, ...] = ()
    notes: str | None = None
    epochs: bool = False
    picture: bool = False
    ticket: bool = False


@dataclass(frozen=True)
class Opening:
    """What a seed's run is told when it opens.

    `id` stays the same when a stack goes on: whoever opens a run takes the place of an earlier one of its id, for all
    levels are said again.
    """

    id: str
    name: str
    seed: int
    group: str
    folder: Path
    config: Values
    tracking: Tracking


class SeedRun(Protocol):
    """The run of one seed; every method may raise whatever the tracker raises."""

    def row(self, level: int, values: Values) -> None:
        """One row of levels.parquet."""
        ...

    def epoch(self, total: int, values: Values) -> None:
        """One point of the curves, after so many epochs over all levels."""
        ...

    def picture(self, level: int, path: Path) -> None:
        """The picture of the seed's ticket, where the tracker takes pictures."""
        ...

    def ticket(self, level: int, path: Path) -> None:
        """The file of the seed's ticket, where the tracker takes files."""
        ...

    def end(self, summary: Values, *, finished: bool) -> None:
        """Nothing follows; `summary` is the seed's entry of summary.json."""
        ...

    def abandon(self) -> None:
        """Something failed, here or elsewhere, and nothing follows."""
        ...
