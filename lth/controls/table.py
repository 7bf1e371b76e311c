"""The table of controls in a run folder, controls.parquet: a row for each seed, level and control, and for level 0."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lth.controls.known import KNOWN
from lth.files.atomic import write_atomic
from lth.files.foreign import content, line
from lth.files.numbers import plain
from lth.record.parquet import frame, pack
from lth.ticket.course import COURSE, WINS

NAME = "controls.parquet"
METRICS = ("val_loss", "val_accuracy", "test_loss", "test_accuracy")
_FRONT = {"seed": "Int64", "level": "Int64", "control": "string", "separated": "boolean", "reproduced": "boolean"}
_MASK = {"status": "string", **dict.fromkeys(("cut", "weights", "changed", "donor"), "Int64")}
_ADDED = _MASK | dict.fromkeys((*COURSE, "best_step"), "Int64") | dict.fromkeys(WINS, "boolean")  # older tables lack it
_ORDER = ("dense", *KNOWN)

Row = Mapping[str, Any]


def row_of(
    measured: Row, tasks: Sequence[str], *, control: str, separated: bool, reproduced: bool | None = None
) -> Row:
    """A row from a row of levels.parquet, `measured`; `separated` tells of the seed's ticket, also in its dense row."""
    row = {"control": control, "separated": separated, "reproduced": reproduced}
    known = {name: measured.get(name) for name in _ADDED}
    return row | {name: measured[name] for name in columns(tasks) if name not in row | known} | known


def columns(tasks: Sequence[str]) -> dict[str, str]:
    """Name to pandas type of every column, in order, for these task names."""
    per_task = [f"{metric}_{task}" for task in tasks for metric in METRICS]
    return _FRONT | _ADDED | {"epochs": "Int64", "winning": "boolean"} | dict.fromkeys((*METRICS, *per_task), "float64")


def write(folder: Path, rows: Iterable[Row], tasks: Sequence[str], config_hash: str) -> None:
    """Replace the folder's table in one step. Raises RecordError when it cannot be."""
    ordered = sorted(rows, key=lambda row: (row["seed"], _ORDER.index(row["control"]), row["level"]))
    types = columns(tasks)
    table = pd.DataFrame({name: pd.Series([plain(row[name]) for row in ordered], dtype=types[name]) for name in types})
    table.attrs["config_hash"] = config_hash
    write_atomic(folder / NAME, pack(table))


def check_types(table: pd.DataFrame) -> pd.DataFrame:
    """The table itself; raises ValueError unless each column has its type and each row is one that `write` takes."""
    names = list(map(str, table.columns))
    tasks = {name: "float64" for name in names if name.startswith(tuple(f"{metric}_" for metric in METRICS))}
    known = tasks | columns(())
    needed = [name for name in columns(()) if name not in _ADDED]
    for name in dict.fromkeys((*names, *needed)):
        if names.count(name) != 1 or str(table[name].dtype) != known.get(name):
            kind = known.get(name, "in no table of controls")
            raise ValueError(f"column {line(name)} is not there once, or not {kind}")
    if table["seed"].isna().any() or table["level"].isna().any() or not set(table["control"]) <= set(_ORDER):
        raise ValueError("has a row without seed, level or control")
    return table


def read(folder: Path, tasks: Sequence[str], config_hash: str) -> list[Row]:
    """The rows of the folder's table; none where it is missing or another configuration's.

    Raises ValueError saying why when it is damaged.
    """
    try:
        table = check_types(frame(content(folder / NAME)))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as fault:
        raise ValueError(f"{folder / NAME}: {fault}") from None
    named = [name for name in columns(tasks) if name in table or name not in _ADDED]
    if table.attrs.get("config_hash") != config_hash or list(table.columns) != named:
        return []
    table = table.reindex(columns=list(columns(tasks)))
    known = table.notna().to_dict("records")
    rows = zip(table.to_dict("records"), known, strict=True)
    return [{str(name): plain(value) if there[name] else None for name, value in row.items()} for row, there in rows]
