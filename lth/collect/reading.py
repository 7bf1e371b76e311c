"""The one reader of collected tables: from the files that `collect` wrote, or made from run folders on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from lth.collect.experiments import CollectError, experiment, known
from lth.collect.sweep import gather
from lth.collect.tables import NAMES, WORKERS, build
from lth.files.foreign import content
from lth.record.parquet import read_any

Tables = Mapping[str, pd.DataFrame]  # of one experiment, by their names


class Missing(LookupError):  # noqa: N818  an answer, not a mistake
    """What is asked for is not in the tables, or was not measured; the message says what, in a few words."""


class _Lazy(Tables):
    """Tables that are read or made when they are asked for first."""

    def __init__(self, names: Sequence[str], make: Callable[[str], pd.DataFrame]) -> None:
        self._names, self._make = tuple(names), make
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def path_of(folder: Path | str, name: str, table: str) -> Path:
    """Where a folder of tables keeps one of them."""
    return Path(folder) / f"{name}.{table}.parquet"


def stored(folder: Path | str, name: str) -> list[str]:
    """The names of the tables that the folder has of experiment `name`."""
    return [table for table in NAMES if path_of(folder, name, table).is_file()]


def read(folder: Path | str, name: str, draws: int = 200) -> Tables:
    """The tables of experiment `name` from a folder that holds either its tables or its run folders.

    Asking for one whose file cannot be read raises CollectError. Raises it too when the folder holds neither, or when
    there is no such experiment.
    """
    one = experiment(name)
    found = [table for table in stored(folder, name) if table in one.tables]
    if found:
        return _Lazy(found, lambda table: _load(path_of(folder, name, table)))
    sweep = gather([Path(folder)], one)
    return _Lazy(one.tables, lambda table: build(sweep, table, draws, WORKERS))


def whole(tables: Tables, name: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """One of the tables. Raises Missing when it is not there, cannot be read, is empty, or lacks one of `columns`."""
    try:
        table = tables.get(name)
    except CollectError as fault:
        raise Missing(str(fault)) from None
    if table is None:
        raise Missing(f"no table {name}")
    absent = [column for column in dict.fromkeys(columns) if column not in table]
    if absent:
        raise Missing(f"table {name} has no column {', '.join(absent)}")
    if table.empty:
        raise Missing(f"table {name} is empty")
    return table


class Shelf:
    """The stored tables of all experiments in one folder, each read when it is first asked for."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._tables: dict[str, Tables] = {}

    def table(self, name: str, table: str = "levels") -> pd.DataFrame:
        """One table of experiment `name`. Raises Missing as `whole` does, KeyError for names that nothing here has."""
        if name not in known() or table not in NAMES:
            raise KeyError(f"{name}.{table}: there is no such experiment, or no such table")
        if name not in self._tables:
            self._tables[name] = _Lazy(stored(self.folder, name), lambda one: _load(path_of(self.folder, name, one)))
        if table == "levels" and table not in self._tables[name]:
            raise Missing(f"{name} is not measured")
        try:
            return whole(self._tables[name], table)
        except Missing as fault:
            raise Missing(f"{name}: {fault}") from None


def _load(path: Path) -> pd.DataFrame:
    try:
        return read_any(content(path))
    except OSError as fault:
        raise CollectError(f"{path}: cannot be read ({fault.strerror})") from None
    except ValueError as fault:
        raise CollectError(f"{path}: cannot be read ({fault})") from None
