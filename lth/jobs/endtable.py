"""The table at the end of a stack, one row per level, and the figures it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def end_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One row per level of one stack: keep, mean active, inactive and zombie weights, loss, accuracy, separated."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("level", "keep", "active", "inactive", "zombie", "val loss", "accuracy", "separated"):
        table.add_column(heading, justify="right", no_wrap=True)
    for level in sorted({row["level"] for row in rows}):
        table.add_row(*level_figures(level, [row for row in rows if row["level"] == level]))
    return table


def print_end(console: Console, rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """The end of a stack: its table, then its folder on a line of its own."""
    if rows:
        console.print(end_table(rows))
    console.print(Text(str(folder)), soft_wrap=True)


def level_figures(level: int, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The eight figures of one level's line, over the rows of its seeds."""
    weights = (_mean(rows, f"{state}_weights") for state in ("active", "inactive", "zombie"))
    separated = sum(row.get("status") == "separated" for row in rows)
    return (
        str(level),
        str(rows[0]["keep"]),
        *("-" if mean is None else f"{mean:.1f}" for mean in weights),
        number(_mean(rows, "val_loss")),
        number(_mean(rows, "val_accuracy")),
        f"{separated} of {len(rows)}",
    )


def number(value: float | None) -> str:
    """Four digits, or - for none."""
    return "-" if value is None else f"{value:.4f}"


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float | None:
    values = [row[name] for row in rows if row.get(name) is not None]
    return sum(values) / len(values) if values else None
