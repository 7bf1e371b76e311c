"""Many run folders as one table; works on whatever a finished, running or crashed sweep left on disk."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

OUTCOMES = ("separated", "separated-degraded", "degraded", "interconnected", "fragmented")
_MARKS = ("summary.json", "levels.parquet", ".hydra")
_NOT_CONFIGURATION = ("seed", "tracking", "hydra")  # parts that do not tell configurations apart
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}


class ResultsError(ValueError):
    """A folder that holds no results; the message is one line."""


@dataclass(frozen=True)
class Folder:
    """One run folder as far as it can be read; `faults` name what could not be."""

    path: Path
    summary: Mapping[str, Any]
    configuration: Mapping[str, Any]  # flat: "model.hidden" → 57
    faults: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells configurations apart: the hash, or what is known where no summary has one."""
        return str(self.summary.get("config_hash") or json.dumps(self.configuration, sort_keys=True, default=str))


def load(folder: Path | str) -> pd.DataFrame:
    """All levels of all run folders below `folder` as one tidy table, one row per run folder, seed and level.

    Columns: run (the folder, relative), the configuration keys that vary, state and outcome of the seed, then those of
    levels.parquet. What could not be read is named in `.attrs["faults"]`. Raises ResultsError where nothing is found.
    """
    folders = scan(Path(folder))
    with ThreadPoolExecutor() as pool:
        tables = list(pool.map(_levels, folders))
    read = [(number, table) for number, table in enumerate(tables) if isinstance(table, pa.Table)]
    arrow = pa.concat_tables([table for _, table in read], promote_options="permissive") if read else pa.table({})
    levels = arrow.to_pandas(types_mapper=_NULLABLE.get, ignore_metadata=True)
    owners = pd.Series([number for number, table in read for _ in range(table.num_rows)], dtype="int64")
    keys = varying(folders)
    front = {"run": owners.map(pd.Series([_relative(one, folder) for one in folders], dtype="str"))}
    front |= {_free(key, levels.columns): owners.map(_column(folders, key)) for key in keys}
    entries = [folders[owner].summary["seeds"].get(str(seed), {}) for owner, seed in zip(owners, _seeds(levels), strict=True)]
    front |= {name: pd.Series([entry.get(name) for entry in entries], dtype="string") for name in ("state", "outcome")}
    table = pd.concat([pd.DataFrame(front), levels], axis=1)
    table.attrs["faults"] = [fault for one in folders for fault in one.faults] + [t for t in tables if isinstance(t, str)]
    return table


def runs(folder: Path | str) -> pd.DataFrame:
    """One row per run folder and seed, from the summaries alone: state, outcome, first levels, failure.

    A folder whose seeds are not known (killed before its first writing) is one row without a seed, unfinished.
    """
    folders = scan(Path(folder))
    keys = varying(folders)
    rows: list[dict[str, Any]] = []
    for one in folders:
        front = {"run": _relative(one, folder), "configuration": one.key} | {key: _cell(one, key) for key in keys}
        seeds = one.summary["seeds"] or {None: {}}
        rows += [front | {"seed": seed, "state": "unfinished"} | _flat_entry(entry) for seed, entry in seeds.items()]
    table = pd.DataFrame(rows).astype({"seed": "Int64"})
    table.attrs["faults"] = [fault for one in folders for fault in one.faults]
    table.attrs["keys"] = keys
    return table
