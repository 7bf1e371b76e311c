"""Many run folders as one table: `python -m lth.results DIR`; needs neither torch nor Hydra nor Lightning."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pyarrow as pa

from lth.results.folders import Folder, ResultsError, levels, scan, varying
from lth.statistics import Interval, wilson
from lth.terminal import called, heard, output
from lth.ticket.outcome import SEPARATED, Word

OUTCOMES = get_args(Word)
UNKNOWN = Interval(np.nan, np.nan, np.nan, 0)
_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
_STATES = ("finished", "failed", "unfinished")  # of two runs of one configuration and seed the first one counts
_ENTRY = ("outcome", "levels", "first_separation", "first_degradation", "active_weights_at_separation")


def load(folder: Path | str) -> pd.DataFrame:
    """All levels of all run folders below `folder` as one tidy table, one row per run folder, seed and level.

    Columns: run (the folder), the configuration keys that vary, state and outcome of the seed, then those of
    levels.parquet. `.attrs["faults"]` names what could not be read, `.attrs["keys"]` the varying keys. Raises
    ResultsError where no run folder is found.
    """
    folders = scan(folder)
    return tidy(folders, varying(folders))


def tidy(folders: Sequence[Folder], keys: Sequence[str]) -> pd.DataFrame:
    """All levels of these run folders as one tidy table with these configuration keys; see `load`."""
    arrow, counts = levels(folders)
    rows = arrow.to_pandas(types_mapper=_NULLABLE.get, ignore_metadata=True)
    owners = np.repeat(np.arange(len(folders)), [0 if isinstance(count, str) else count for count in counts])
    front = {"run": [one.name for one in folders]}
    front |= {_free(key, rows): [one.configuration.get(key) for one in folders] for key in keys}
    repeated = pd.DataFrame(front).loc[owners].reset_index(drop=True)
    table = pd.concat([repeated, _answers(folders, owners, rows), rows], axis=1)
    broken = [count for count in counts if isinstance(count, str)]
    table.attrs |= {"faults": [fault for one in folders for fault in one.faults] + broken}
    table.attrs |= {"keys": [_free(key, rows) for key in keys]}
    return table


def runs(folder: Path | str) -> pd.DataFrame:
    """One row per run folder and seed, from the summaries alone: state, outcome, first levels, what failed.

    State is finished, failed or unfinished (running, stopped or killed). A folder whose seeds are not known is one
    unfinished row without a seed. `.attrs` as in `load`. Raises ResultsError where no run folder is found.
    """
    folders = scan(folder)
    keys = varying(folders)
    rows = [_run(one, keys, seed) for one in folders for seed in (one.seeds or [None])]
    table = pd.DataFrame(rows)
    whole = ["seed", "levels", "first_separation", "first_degradation", "active_weights_at_separation"]
    table = table.astype(dict.fromkeys(whole, "Int64"))
    table.attrs |= {"faults": [fault for one in folders for fault in one.faults], "keys": keys}
    return table


def tabulate(table: pd.DataFrame) -> pd.DataFrame:
    """One row per configuration from the table of `runs`: what varies, n, outcomes, rate of separation, the rest.

    n counts finished seeds; a seed that two folders have counts once. The rate is the share that separated at some
    level, degraded later or not, with its 95 % Wilson interval (Wilson, 1927). Failed and unfinished seeds are named.
    """
    keys = table.attrs["keys"]
    lines = [_line(group, keys) for group in _configurations(table)]
    return pd.DataFrame(sorted(lines, key=lambda line: [_rank(line[key]) for key in keys]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of a folder; exit code 0, or 2 with one line when it cannot be."""
    parser = argparse.ArgumentParser(prog=called("results"), description="One row per configuration of a sweep.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="a run folder, or any folder above some")
    parser.add_argument("--csv", metavar="F", type=Path, help="also write the table as CSV")
    parser.add_argument("--parquet", metavar="F", type=Path, help="also write the table as parquet")
    options = parser.parse_args(arguments)
    try:
        _check_places(options.csv, options.parquet)
        table = runs(options.folder)
        lines = tabulate(table)
        if options.csv:
            lines.to_csv(options.csv, index=False)
        if options.parquet:
            lines.to_parquet(options.parquet, index=False)
    except ResultsError as fault:
        print(f"lth.results: {fault}", file=sys.stderr)
        return 2
    except OSError as fault:
        print(f"lth.results: cannot write {fault.filename or ''}: {fault.strerror or fault}", file=sys.stderr)
        return 2
    with heard():
        _print(table, lines)
    return 0


def _check_places(*paths: Path | None) -> None:
    """Raise ResultsError for a file whose folder is not there."""
    for path in paths:
        if path is not None and not path.parent.is_dir():
            raise ResultsError(f"{path}: cannot be written, for there is no folder {path.parent}")


def _configurations(table: pd.DataFrame) -> list[list[dict[str, Any]]]:
    """The rows of each configuration; of several of one seed the finished one, else the failed one."""
    groups: dict[str, dict[Any, dict[str, Any]]] = {}
    for record in table.to_dict("records"):
        row: dict[str, Any] = {str(name): value for name, value in record.items()}
        group = groups.setdefault(row["configuration"], {})
        name = row["run"] if pd.isna(row["seed"]) else row["seed"]
        if name not in group or _STATES.index(row["state"]) < _STATES.index(group[name]["state"]):
            group[name] = row
    return [list(group.values()) for group in groups.values()]


def _run(one: Folder, keys: Sequence[str], seed: int | None) -> dict[str, Any]:
    entry = one.seeds.get(seed, {}) if seed is not None else {}
    failure = entry.get("failure") or {}
    state = entry.get("state")
    # The names first, for their order; their values last, for no key of a configuration may replace them.
    return {
        **dict.fromkeys(("run", "configuration")),
        **{key: one.configuration.get(key) for key in keys},
        "run": one.name,
        "configuration": one.key,
        "seed": seed,
        "state": state if state in ("finished", "failed") else "unfinished",
        **{name: entry.get(name) for name in _ENTRY},
        "failure": "level {level}, epoch {epoch}: {reason}".format_map(failure) if failure else None,
    }


def _line(group: Sequence[dict[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    finished = [row for row in group if row["state"] == "finished"]
    counts = {name: sum(row["outcome"] == name for row in finished) for name in OUTCOMES}
    n, separated = len(finished), sum(counts[name] for name in SEPARATED)
    rate = wilson(separated, n) if n else UNKNOWN
    sizes = [row["active_weights_at_separation"] for row in finished if pd.notna(row["active_weights_at_separation"])]
    others = {state: [_name(row) for row in group if row["state"] == state] for state in _STATES[1:]}
    return {
        **{key: group[0][key] for key in keys},
        "n": n,
        **counts,
        "separation_rate": rate.value,
        "rate_low": rate.low,
        "rate_high": rate.high,
        "active_weights_at_separation": float(np.mean(sizes)) if sizes else np.nan,
        **{state: ", ".join(names) or None for state, names in others.items()},
        **{f"n_{state}": len(names) for state, names in others.items()},  # names may have commas of their own
    }


def _name(row: Mapping[str, Any]) -> str:
    return row["run"] if pd.isna(row["seed"]) else f"{row['run']} seed {row['seed']}"


def _print(table: pd.DataFrame, lines: pd.DataFrame) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    console = output()
    keys = table.attrs["keys"]
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (*keys, "n", *OUTCOMES, "rate", "95 % interval", "active at separation", "failed", "unfinished"):
        shown.add_column(Text(heading), justify="right")
    for line in lines.to_dict("records"):
        parts = [line[name] for name in (*keys, "n", *OUTCOMES)]
        named = [line[f"n_{state}"] for state in _STATES[1:]]
        interval = f"{line['rate_low']:.3f} to {line['rate_high']:.3f}" if line["n"] else "-"
        rest = [_figure(line["separation_rate"], 3), interval, _figure(line["active_weights_at_separation"], 1)]
        shown.add_row(*(Text(str(part)) for part in (*parts, *rest, *named)))
    console.print(shown)
    for row in (row for group in _configurations(table) for row in group):
        if row["state"] != "finished":
            console.print(Text(": ".join(filter(None, (row["state"], _name(row), row["failure"])))), soft_wrap=True)
    for fault in table.attrs["faults"]:
        console.print(Text(f"not read: {fault}"), soft_wrap=True)


def _figure(value: float, digits: int) -> str:
    return "-" if pd.isna(value) else f"{value:.{digits}f}"


def _free(key: str, rows: pd.DataFrame) -> str:
    """A configuration key as a column that no column of levels.parquet has."""
    return f"config.{key}" if key in rows.columns or key in ("run", "state", "outcome") else key


def _answers(folders: Sequence[Folder], owners: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    """State and outcome of each row's seed."""
    seeds = rows["seed"].tolist() if len(rows) else []
    entries = [folders[owner].seeds.get(seed, {}) for owner, seed in zip(owners.tolist(), seeds, strict=True)]
    return pd.DataFrame({name: [entry.get(name) for entry in entries] for name in ("state", "outcome")})


def _rank(value: Any) -> tuple[bool, str, Any]:
    number = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    return (not number, "", float(value)) if number else (True, type(value).__name__, str(value))
