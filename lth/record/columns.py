"""The tables of a run folder: which columns, in which order, of which type."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lth.files.foreign import line

METRICS = ("train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy")
EPOCH_COLUMNS = {
    "seed": "int64",
    "level": "int64",
    "epoch": "int64",
    "train_loss": "float64",
    "val_loss": "float64",
    "val_accuracy": "float64",
}
_LAYOUT = (  # type and names; "tasks" and "layers" are the places of the columns that depend on the run
    ("int64", "seed level"),
    ("Int64", "keep"),
    ("float64", "rate density"),
    ("Int64", "epochs"),
    ("float64", " ".join(METRICS)),
    ("tasks", ""),
    ("Int64", "prunable unprunable weights biases active_weights inactive_weights zombie_weights pruned_weights"),
    ("Int64", "active_neurons inactive_neurons zombie_neurons active_inputs active_outputs"),
    ("Int64", "zombie_biases audible_zombies"),
    ("float64", "zombie_bias_mean"),
    ("Int64", "components"),
    ("string", "status partition"),
    ("Int64", "splits_remaining cut"),
    ("float64", "cut_magnitude"),
    ("layers", ""),
    ("boolean", "winning"),
    ("float64", "min_kept_magnitude"),
    ("Int64", "anchor_step"),
)
_ARROW = {"int64": "int64", "double": "float64", "bool": "boolean", "string": "string", "large_string": "string"}
_PREFIXES = ("decided_out_", "decided_in_", *(f"{metric}_" for metric in METRICS))


def level_columns(tasks: Sequence[str], rows: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Name to pandas type of every column of levels.parquet, in order, for these task names and these rows.

    Decided neurons stand where the table has them, in the order of the rows; a column nobody named comes last.
    """
    found = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, str] = {}
    for kind, names in _LAYOUT:
        if kind == "tasks":
            columns |= {f"{metric}_{task}": "float64" for task in tasks for metric in METRICS}
        elif kind == "layers":
            columns |= {name: "float64" for name in found if name.startswith("decided_")}
        else:
            columns |= dict.fromkeys(names.split(), kind)
    return columns | {name: _type_of(name, rows) for name in found if name not in columns}


def _type_of(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    if name.startswith(_PREFIXES):
        return "float64"
    kinds = {_kind(row[name]) for row in rows if row.get(name) is not None}
    if kinds <= {"Int64", "float64"}:
        return "Int64" if kinds == {"Int64"} else "float64"
    return kinds.pop() if len(kinds) == 1 else "string"


def _kind(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "boolean"
    if isinstance(value, (int, np.integer)):
        return "Int64"
    return "string" if isinstance(value, str) else "float64"


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


def check_levels(table: pa.Table) -> pa.Table:
    """The table itself; raises ValueError unless its columns are, in name and type, those of a levels.parquet."""
    known = {name: kind for kind, names in _LAYOUT for name in names.split()}
    tasks = {name: "float64" for name in table.column_names if name.startswith(_PREFIXES)}
    return _checked(table, tasks | known, ("seed", "level"))


def check_epochs(table: pa.Table) -> pa.Table:
    """The table itself; raises ValueError unless it has the columns of an epochs.parquet."""
    return _checked(table, EPOCH_COLUMNS, tuple(EPOCH_COLUMNS))


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


def plain(value: Any) -> Any:
    """A numpy scalar as Python's own, and None for not a number."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def finite(value: Any) -> Any:
    """`value` for JSON: containers all through, numpy as Python's own, infinite and not-a-number as None."""
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    value = plain(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
