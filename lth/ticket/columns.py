"""The row of a level: which columns, in which order, of which type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

METRICS = ("train_loss", "val_loss", "val_accuracy", "test_loss", "test_accuracy")
LAYOUT = (  # type and names; "tasks" and "layers" are the places of the columns that depend on the run
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
    ("Int64", "anchor_step spent_epochs spent_macs inference_macs best_step"),
)
PREFIXES = ("decided_out_", "decided_in_", *(f"{metric}_" for metric in METRICS))


def level_columns(tasks: Sequence[str], rows: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Name to pandas type of every column of levels.parquet, in order, for these task names and these rows.

    Decided neurons stand where the table has them, in the order of the rows; a column nobody named comes last.
    """
    found = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, str] = {}
    for kind, names in LAYOUT:
        if kind == "tasks":
            columns |= {f"{metric}_{task}": "float64" for task in tasks for metric in METRICS}
        elif kind == "layers":
            columns |= {name: "float64" for name in found if name.startswith("decided_")}
        else:
            columns |= dict.fromkeys(names.split(), kind)
    return columns | {name: _type_of(name, rows) for name in found if name not in columns}


def _type_of(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    if name.startswith(PREFIXES):
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
