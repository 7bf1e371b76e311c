"""The tables of an experiment: made from run folders, or read back from the files that were."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from lth.collect.experiments import CollectError, Experiment, experiment
from lth.collect.sweep import Sweep, gather
from lth.files.foreign import content
from lth.record.parquet import read_any

WORKERS = min(4, os.cpu_count() or 1)
NAMES = ("levels", "null", "inputs", "neurons", "weights", "controls")


class Tables(Mapping[str, pd.DataFrame]):
    """The tables of one experiment by name, read or made when they are asked for first.

    A table that the experiment does not have, or whose file is missing, raises KeyError; `get` gives None.
    """

    def __init__(self, known: Experiment, folder: Path, sweep: Sweep | None, draws: int = 200) -> None:
        self.experiment = known.name
        self._folder, self._sweep, self._draws = folder, sweep, draws
        self._made: dict[str, pd.DataFrame] = {}
        self._names = [name for name in known.tables if sweep is not None or self._file(name).is_file()]

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._made:
            made = _load(self._file(name)) if self._sweep is None else _build(self._sweep, name, self._draws, WORKERS)
            self._made[name] = made
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _file(self, name: str) -> Path:
        return path_of(self._folder, self.experiment, name)


def path_of(folder: Path | str, name: str, table: str) -> Path:
    """Where a folder of tables keeps one of them."""
    return Path(folder) / f"{name}.{table}.parquet"


def read(folder: Path | str, name: str, draws: int = 200) -> Tables:
    """The tables of experiment `name` from a folder that holds either its tables or its run folders.

    Raises CollectError when it holds neither, or when there is no such experiment.
    """
    known, folder = experiment(name), Path(folder)
    stored = any(path_of(folder, name, table).is_file() for table in known.tables)
    return Tables(known, folder, None if stored else gather([folder], known), draws)


def collect(
    folders: Path | str | Sequence[Path | str],
    name: str,
    tables: Sequence[str] | None = None,
    draws: int = 200,
    workers: int = WORKERS,
) -> dict[str, pd.DataFrame]:
    """The tables of experiment `name` from its run folders below one folder or several, as `store` writes them.

    `tables`: which, if not all that the experiment has; null models get `draws` draws per ticket. Empty tables
    are left out. Raises CollectError for an unknown experiment or table, without run folders, and for a seed that is
    there twice.
    """
    known = experiment(name)
    wanted = known.tables if tables is None else tables
    unknown = [table for table in wanted if table not in NAMES]
    if unknown:
        raise CollectError(f"no table {unknown[0]!r}; there are {', '.join(NAMES)}")
    tops = [folders] if isinstance(folders, (str, Path)) else folders
    sweep = gather([Path(top) for top in tops], known)
    made = {table: _build(sweep, table, draws, workers) for table in wanted}
    return {table: frame for table, frame in made.items() if len(frame) or table == "levels"}


def pack(table: pd.DataFrame) -> bytes:
    """A table as a parquet file; equal tables give equal bytes."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd", compression_level=19)
    return buffer.getvalue()


def _load(path: Path) -> pd.DataFrame:
    try:
        return read_any(content(path))
    except OSError as fault:
        raise CollectError(f"{path}: cannot be read ({fault.strerror})") from None
    except ValueError as fault:
        raise CollectError(f"{path}: cannot be read ({fault})") from None


def _build(sweep: Sweep, name: str, draws: int, workers: int) -> pd.DataFrame:
    """One table, its rows in order, its own floats in single precision, what it comes from in its attrs."""
    table: pd.DataFrame = importlib.import_module(f"lth.collect.{name}").build(sweep, draws=draws, workers=workers)
    order = [column for column in ("level", "layer", "neuron", "start", "end", "input", "spell") if column in table]
    attrs = sweep.attrs(name)
    attrs["faults"] = list(dict.fromkeys([*attrs["faults"], *table.attrs.get("faults", ())]))
    table = table.sort_values([*sweep.keys, "seed", *order], kind="stable", ignore_index=True)
    for key in sweep.keys:
        kinds = {float if type(value) is int else type(value) for value in table[key].dropna()}
        if len(kinds) > 1:  # a column of a file has one type
            table[key] = table[key].map(str, na_action="ignore")
    types = dict.fromkeys({"seed", "level"} & set(table), "int64")
    types |= {column: "float32" for column in table.select_dtypes("float64") if column not in sweep.keys}
    types |= dict.fromkeys(table.select_dtypes("string"), "object")
    table = table.astype(types)
    table.attrs = attrs
    return table
