"""`python -m lth.results DIR` prints one row per configuration; needs neither torch nor Hydra nor Lightning.

The table has the columns that there is room for, those that tell the configurations apart in any case; `--all` has
every column, `--columns` those that are named. Exit codes: 0 printed, 2 no results there, or what was asked for cannot
be.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from lth.results.folders import ResultsError
from lth.results.printed import print_all, print_columns, print_fitted
from lth.results.table import runs, tabulate
from lth.terminal import called, heard

DONE, REFUSED = 0, 2
HERE = "-"  # standard output, in the place of a file


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of a folder; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        table = runs(options.folder)
        lines = tabulate(table)
        if options.columns:
            lines = _chosen(table, options.columns)
        printed = _write(options.csv, lambda: lines.to_csv(index=False))
        printed |= _write(options.json, lambda: f"{lines.to_json(orient='records', indent=1)}\n")
        if options.parquet:
            lines.to_parquet(options.parquet, index=False)
    except ResultsError as fault:
        return _say(str(fault))
    except OSError as fault:
        return _say(f"cannot write {fault.filename or ''}: {fault.strerror or fault}")
    if not printed:
        _print(options, table, lines)
    return DONE


def _chosen(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The columns of these names, keys of the configuration by their ends too. Raises ResultsError for others."""
    every = tabulate(
        table, also=list(table.columns[2:-8])
    )  # all keys: run and configuration before, a seed's own after
    chosen = []
    for name in names:
        ending = [column for column in every.columns if column.endswith(f".{name}")]
        if name not in every.columns and len(ending) != 1:
            known = ", ".join(ending or every.columns)
            raise ResultsError(f"--columns={name}: {'several' if ending else 'no'} such; known are {known}")
        chosen.append(name if name in every.columns else ending[0])
    return every[chosen]


def _print(options: argparse.Namespace, table: pd.DataFrame, lines: pd.DataFrame) -> None:
    with heard():
        if options.columns:
            print_columns(table, lines)
        elif options.all:
            print_all(table, lines)
        else:
            print_fitted(table, lines)


def _write(place: str | None, text: Callable[[], str]) -> bool:
    """Write to the place, if there is one; whether that is standard output."""
    if place is None:
        return False
    if place != HERE:
        if not Path(place).parent.is_dir():
            raise ResultsError(f"{place}: cannot be written, for there is no folder {Path(place).parent}")
        Path(place).write_text(text(), encoding="utf-8")
        return False
    with heard():
        sys.stdout.write(text())
    return True


def _say(text: str) -> int:
    print(f"lth.results: {text}", file=sys.stderr)
    return REFUSED


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=called("results"), description="One row per configuration of a sweep.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="a run folder, or any folder above some")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--columns", metavar="A,B", type=_names, help="these columns, or keys of the configuration")
    which.add_argument("--all", action="store_true", help="every column, and every seed that failed or is unfinished")
    for name, what in (("--csv", "write the table in full as CSV"), ("--json", "the same as a JSON list of rows")):
        parser.add_argument(
            name, metavar="F", nargs="?", const=HERE, help=f"{what}; without F it is all that is printed"
        )
    parser.add_argument("--parquet", metavar="F", type=Path, help="also write the table as parquet")
    return parser
