"""The table of configurations as it is printed: the columns there is room for, and one line for what is missing."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from lth.results.table import OUTCOMES, STATES, configurations, name_of
from lth.terminal import output

GAP = 2  # blanks between columns, one of them the box's
ROOM = 80  # columns where nobody knows how many there are
NOT_READ = "not read: "
# What goes first where there is no room for all; keys of the configuration and the rate stay.
LEFT_OUT_FIRST = ("active at separation", "fragmented", "interconnected", "degraded", "separated-degraded",
                  "95 % interval", "separated", "unfinished", "failed", "n")  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the printed table: its name in full, and as its heading has it in lines, and the cells."""

    name: str
    heading: str
    cells: tuple[str, ...]

    @property
    def width(self) -> int:
        """Letters of the widest line."""
        return max(map(len, [*self.heading.splitlines(), *self.cells]))


def print_fitted(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    """As much as the terminal has room for, 80 columns where it is none; what is left out is said."""
    room = shutil.get_terminal_size((ROOM, 24)).columns
    columns, out = fitted(columns_of(lines, table.attrs["keys"]), room)
    missing = [*_out(out), *_not_finished(table), *_not_read(table.attrs["faults"][:1], len(table.attrs["faults"]))]
    _print(columns, missing, room)


def print_all(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    """Every column, and every seed that is not finished by its name, however wide that is."""
    rows = [row for group in configurations(table) for row in group if row["state"] != "finished"]
    missing = [": ".join(filter(None, (row["state"], name_of(row), row["failure"]))) for row in rows]
    _print(_every(lines), [*missing, *_not_read(table.attrs["faults"])])


def print_columns(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    """These columns, however wide they are."""
    _print(_every(lines), [*_not_finished(table), *_not_read(table.attrs["faults"])])


def columns_of(lines: pd.DataFrame, keys: Sequence[str]) -> list[Column]:
    """What there is to print of the configurations, without outcomes and states that none of them has."""
    short = _short(keys)
    counts = [name for name in OUTCOMES if lines[name].any()]
    states = [state for state in STATES[1:] if lines[f"n_{state}"].any()]
    intervals = [f"{low:.3f} to {high:.3f}" if n else "-" for low, high, n in
                 zip(lines["rate_low"], lines["rate_high"], lines["n"], strict=True)]  # fmt: skip
    rates = [_figure(value, 3) for value in lines["separation_rate"]]
    sizes = [_figure(value, 1) for value in lines["active_weights_at_separation"]]
    return [
        *(Column(key, short[key], tuple(map(_plain, lines[key]))) for key in keys),
        *(Column(name, name.replace("-", "-\n"), tuple(map(str, lines[name]))) for name in ("n", *counts)),
        Column("rate", "rate", tuple(rates)),
        Column("95 % interval", "95 % interval", tuple(intervals)),
        Column("active at separation", "active at\nseparation", tuple(sizes)),
        *(Column(state, state, tuple(map(str, lines[f"n_{state}"]))) for state in states),
    ]


def fitted(columns: Sequence[Column], room: int) -> tuple[list[Column], list[str]]:
    """The columns that there is room for, and the names of those left out."""
    kept, out = list(columns), []
    for name in LEFT_OUT_FIRST:
        if sum(column.width + GAP for column in kept) <= room + GAP:
            break
        out += [column.name for column in kept if column.name == name]
        kept = [column for column in kept if column.name != name]
    return kept, out


def _every(lines: pd.DataFrame) -> list[Column]:
    return [Column(str(name), str(name), tuple(map(_plain, lines[name]))) for name in lines]


def _short(keys: Sequence[str]) -> dict[str, str]:
    """Keys by their last parts, where these tell them apart."""
    count = Counter(key.rpartition(".")[2] for key in keys)
    return {key: last if count[last := key.rpartition(".")[2]] == 1 else key for key in keys}


def _print(columns: Sequence[Column], missing: Iterable[str], room: int | None = None) -> None:
    """The table and these lines; cut to the room, if there is a limit."""
    console = output()
    console.width = room or sum(column.width + GAP for column in columns) + GAP
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, GAP - 1, 0, 0))
    for column in columns:
        shown.add_column(Text(column.heading), justify="right", no_wrap=True, overflow="ellipsis")
    for cells in zip(*(column.cells for column in columns), strict=True):
        shown.add_row(*map(Text, cells))
    console.print(shown)
    for line in missing:
        cut = room is not None and not line.startswith(NOT_READ)  # a path that is cut names nothing
        console.print(Text(line), soft_wrap=not cut, no_wrap=cut, overflow="ellipsis" if cut else None)


def _out(names: Sequence[str]) -> list[str]:
    return [f"left out: {', '.join(names)} (--all)"] if names else []


def _not_finished(table: pd.DataFrame) -> list[str]:
    """One line: how many failed and how many are unfinished, and what the first of them is."""
    rows = [row for group in configurations(table) for row in group if row["state"] != "finished"]
    if not rows:
        return []
    rows.sort(key=lambda row: STATES.index(row["state"]))
    counts = Counter(row["state"] for row in rows)
    told = ", ".join(f"{counts[state]} {state}" for state in STATES[1:] if counts[state])
    first = ": ".join(filter(None, (name_of(rows[0]), rows[0]["failure"])))
    return [f"{told} (--all): {first}{', …' if len(rows) > 1 else ''}"]


def _not_read(faults: Sequence[str], number: int = 0) -> list[str]:
    more = f", and {number - len(faults)} more (--all)" if number > len(faults) else ""
    return [f"{NOT_READ}{fault}{more}" for fault in faults]


def _plain(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _figure(value: float, digits: int) -> str:
    return "-" if pd.isna(value) else f"{value:.{digits}f}"
