"""The tables of an experiment, made from its run folders."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lth.collect.experiments import CollectError, experiment
from lth.collect.sweep import Sweep, gather

WORKERS = min(4, os.cpu_count() or 1)
NAMES = ("levels", "null", "inputs", "neurons", "weights", "courses", "controls")


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
    made = {table: build(sweep, table, draws, workers) for table in wanted}
    return {table: frame for table, frame in made.items() if len(frame) or table == "levels"}


def pack(table: pd.DataFrame) -> bytes:
    """A table as a parquet file; equal tables give equal bytes."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", index=False, compression="zstd", compression_level=19)
    return buffer.getvalue()


def build(sweep: Sweep, name: str, draws: int, workers: int) -> pd.DataFrame:
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
