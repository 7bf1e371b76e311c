"""The tables of a run folder: rows as frames, and whether a table that was read has the right columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lth.files.foreign import content, line
from lth.files.numbers import plain
from lth.record.parquet import unpack
from lth.ticket.columns import LAYOUT, PREFIXES, level_columns

EPOCH_COLUMNS = {
    "seed": "int64",
    "level": "int64",
    "epoch": "int64",
    "train_loss": "float64",
    "val_loss": "float64",
    "val_accuracy": "float64",
}
_ARROW = {"int64": "int64", "double": "float64", "bool": "boolean", "string": "string", "large_string": "string"}


def level_table(rows: Sequence[Mapping[str, Any]], tasks: Sequence[str]) -> pd.DataFrame:
    """Rows as one frame with nullable types; what is missing, None or not a number is null, never 0."""
    columns = level_columns(tasks, rows)
    cells = {name: pd.Series([plain(row.get(name)) for row in rows], dtype=kind) for name, kind in columns.items()}
    return pd.DataFrame(cells)


def epoch_table(curves: Mapping[tuple[int, int], np.ndarray]) -> pd.DataFrame:
    """(seed, level) → (E, 3) curves as one frame, one row per epoch; epochs count from 1."""
    keys = sorted(curves)
    lengths = [len(curves[key]) for key in keys]
    values = np.concatenate([np.empty((0, 3)), *(curves[key] for key in keys)])
    cells = {
        "seed": np.repeat(np.array([seed for seed, _ in keys], dtype=np.int64), lengths),
        "level": np.repeat(np.array([level for _, level in keys], dtype=np.int64), lengths),
        "epoch": np.concatenate([np.empty(0, np.int64), *(np.arange(1, length + 1) for length in lengths)]),
        **{name: values[:, i] for i, name in enumerate(("train_loss", "val_loss", "val_accuracy"))},
    }
    return pd.DataFrame(cells).astype(EPOCH_COLUMNS)


def read_levels(path: Path) -> pa.Table:
    """A levels.parquet. Raises OSError, and ValueError for one that is damaged, or has other columns or types."""
    table = unpack(content(path))
    known = {name: kind for kind, names in LAYOUT for name in names.split()}
    tasks = {name: "float64" for name in table.column_names if name.startswith(PREFIXES)}
    return _checked(table, tasks | known, ("seed", "level"))


def read_epochs(path: Path) -> pa.Table:
    """An epochs.parquet. Raises as `read_levels` does."""
    return _checked(unpack(content(path)), EPOCH_COLUMNS, tuple(EPOCH_COLUMNS))


def _checked(table: pa.Table, kinds: Mapping[str, str], needed: Sequence[str]) -> pa.Table:
    if len(set(table.column_names)) < table.num_columns or not set(needed) <= set(table.column_names):
        raise ValueError(f"needs columns {', '.join(needed)}, each column once")
    for field in table.schema:
        kind = _ARROW.get(str(field.type))
        if kind is None or kind != kinds.get(field.name, kind).lower():
            raise ValueError(f"column {line(field.name)} must not be {line(field.type)}")
    for name in ("seed", "level"):
        if table[name].null_count or bool((table[name].to_numpy() < 0).any()):
            raise ValueError(f"column {name} must be an integer of 0 or more")
    return table
