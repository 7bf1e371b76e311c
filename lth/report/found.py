"""What a folder holds for its page: configurations, their seeds and levels, and the commands that made them."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lth.results import table as results

_MARKS = ("summary.json", "levels.parquet", ".hydra")  # what a run folder has at its top
_WHERE = ("hydra.mode=", "hydra.run.", "hydra.sweep.")  # of a command that made data: not what they are
_STATES = ("finished", "failed", "unfinished")  # of two runs of one configuration and seed the first one counts


@dataclass(frozen=True)
class Seed:
    """One seed of a configuration: its run folder and that folder's name, how it ended, its rows of levels.parquet."""

    folder: Path
    run: str
    number: int | None
    state: str
    outcome: str | None
    failure: str | None
    active_at_separation: int | None
    levels: pd.DataFrame | None

    @cached_property
    def rows(self) -> dict[int, dict[str, Any]]:
        """The rows of levels.parquet by level."""
        records = [] if self.levels is None else self.levels.to_dict("records")
        return {int(row["level"]): {str(name): value for name, value in row.items()} for row in records}

    @property
    def name(self) -> str:
        """The run folder and the seed."""
        return self.run if self.number is None else f"{self.run} seed {self.number}"


@dataclass(frozen=True)
class Configuration:
    """Seeds that differ in nothing but their seed; `values` are those of the keys that vary in the folder."""

    values: Mapping[str, Any]
    seeds: tuple[Seed, ...]

    @property
    def label(self) -> str:
        """The values in one line, or "all runs" where nothing varies."""
        return ", ".join(f"{short(key)} = {plain(value)}" for key, value in self.values.items()) or "all runs"


@dataclass(frozen=True)
class Found:
    """All configurations of a folder, what could not be read, and the commands that trained it."""

    folder: Path
    configurations: tuple[Configuration, ...]
    faults: tuple[str, ...]
    commands: tuple[str, ...]


def find(folder: Path) -> Found:
    """Read the summaries and tables of all run folders at or below `folder`; raises ResultsError without any."""
    runs, levels = results.runs(folder), results.load(folder)
    keys = _telling(runs, list(runs.attrs["keys"]))
    tables = dict(iter(levels.groupby(["run", "seed"]))) if len(levels) else {}
    groups: dict[str, dict[Any, Seed]] = {}
    values: dict[str, dict[str, Any]] = {}
    for record in runs.to_dict("records"):
        seed = _seed(folder, record, tables)
        group = groups.setdefault(record["configuration"], {})
        values.setdefault(record["configuration"], {key: _value(record[key]) for key in keys})
        name = seed.run if seed.number is None else seed.number
        if name not in group or _STATES.index(seed.state) < _STATES.index(group[name].state):
            group[name] = seed
    made = [Configuration(values[key], _in_order(group.values())) for key, group in groups.items()]
    made.sort(key=lambda one: [_rank(value) for value in one.values.values()])
    faults = dict.fromkeys([*runs.attrs["faults"], *levels.attrs["faults"]])
    return Found(folder, tuple(made), tuple(faults), _commands(folder, runs["run"]))


def short(key: str) -> str:
    """A configuration key without the ending that says that its value is a class."""
    return key.removesuffix("._target_")


def plain(value: Any) -> str:
    """A configuration's value in few letters; of a class its last name."""
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text.rpartition(".")[2] if text.startswith("lth.") else text


def _telling(runs: pd.DataFrame, keys: list[str]) -> list[str]:
    """The keys that tell the configurations apart, without those that follow from earlier ones."""
    known = runs.drop_duplicates("configuration")
    telling: list[str] = []
    for key in keys:
        before = known[telling].astype(str).agg("|".join, axis=1) if telling else pd.Series("", known.index)
        if known[key].astype(str).groupby(before).nunique().max() > 1:
            telling.append(key)
    return telling


def _seed(folder: Path, record: Mapping[Any, Any], tables: Mapping[Any, pd.DataFrame]) -> Seed:
    number = _value(record["seed"])
    size = _value(record["active_weights_at_separation"])
    return Seed(
        folder=_place(folder, record["run"]),
        run=record["run"],
        number=None if number is None else int(number),
        state=record["state"],
        outcome=_value(record["outcome"]),
        failure=_value(record["failure"]),
        active_at_separation=None if size is None else int(size),
        levels=None if number is None else tables.get((record["run"], int(number))),
    )


def _in_order(seeds: Iterable[Seed]) -> tuple[Seed, ...]:
    return tuple(sorted(seeds, key=lambda seed: (seed.number is None, seed.number or 0)))


def _value(value: Any) -> Any:
    return None if pd.isna(value) else value


def _rank(value: Any) -> tuple[bool, float, str]:
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return (not number, float(value) if number else 0.0, str(value))


def _commands(folder: Path, runs: Iterable[str]) -> tuple[str, ...]:
    """The command lines that trained what is in the folder: the sweep's where a run belongs to one, else its own."""
    places = dict.fromkeys(_place(folder, run) for run in runs)
    sweeps = {above: _sweep(above) for above in {below.parent for below in places if below != folder}}
    found = {}
    for below in places:
        sweep = sweeps.get(below.parent)
        words = _yaml(below / ".hydra" / "overrides.yaml") if sweep is None else ["-m", *sweep]
        if isinstance(words, list):
            found[shlex.join(["python", "-m", "lth.run", *map(str, words)])] = None
    return tuple(found)


def _place(folder: Path, run: str) -> Path:
    """Where a run lies: below the folder, or it is the folder itself."""
    return folder if any((folder / name).exists() for name in _MARKS) else folder / run


def _sweep(folder: Path) -> list[Any] | None:
    """What the user typed to start the sweep in this folder, but for where it went; None where there is none."""
    try:
        typed = _yaml(folder / "multirun.yaml")["hydra"]["overrides"]
        words, others = typed["task"], typed.get("hydra")
    except (KeyError, TypeError, AttributeError):
        return None
    if not isinstance(words, list):
        return None
    kept = [word for word in others if not str(word).startswith(_WHERE)] if isinstance(others, list) else []
    return [*words, *kept]


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, yaml.YAMLError):
        return None
