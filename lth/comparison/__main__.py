"""`python -m lth.comparison DIR`: train every method on every problem, then the table and the figures.

Exit codes: 0 done, 1 a run failed (the table has the others), 2 bad arguments, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from lth import terminal
from lth.comparison import sweep, table
from lth.comparison.drawn import WORDS, draw
from lth.comparison.page import page
from lth.comparison.problems import DENSITIES, PROBLEMS, REDUCED_DENSITIES, Problem, named
from lth.figures.save import save
from lth.files.atomic import RecordError, write_atomic
from lth.files.foreign import content
from lth.record.parquet import read_any
from lth.settings.conf import presets


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; returns the exit code."""
    options = _parser().parse_intermixed_args(arguments)
    typed = sys.argv[1:] if arguments is None else arguments
    options.typed = [word for word in typed if word != "--only-table"]  # by which the same table is made again
    try:
        return _compare(options)
    except ValueError as error:
        print(f"lth.comparison: {error}", file=sys.stderr)
        return 2
    except RecordError as error:
        print(f"lth.comparison: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _compare(options: argparse.Namespace) -> int:
    densities = REDUCED_DENSITIES if options.reduced else options.densities
    names, refused, code = options.methods or presets("pruning"), {}, 0
    problems, others = _problems(options), [_added(path) for path in options.add]
    for problem in problems:
        taken, refused[problem.name] = sweep.fitting(problem, names, densities[0])
        if not options.only_table:
            code = max(code, sweep.run(problem, taken, densities, options.seeds, options.folder, options.more))
        if code not in (0, 1):
            return code
    found = [table.collected(problem, options.folder, densities) for problem in problems]
    found = [rows.assign(command=_command(options)) for rows in found] + others
    added = {name for rows in found for name in rows["problem"].unique()} - {*refused}
    refused |= {one.name: sweep.fitting(one, names, densities[0])[1] for one in PROBLEMS if one.name in added}
    rows = pd.concat(found, ignore_index=True)
    for name, group in rows.groupby("problem"):
        missing = sorted({*names} - {*group["method"]} - {*refused.get(str(name), {})})
        refused[str(name)] = {**refused.get(str(name), {}), **dict.fromkeys(missing, "has no finished run here")}
    _write(rows, refused, options)
    return code


def _problems(options: argparse.Namespace) -> list[Problem]:
    problems = named(options.problems)
    if options.reduced:
        problems = [problems[0].reduced()]
    return [replace(one, data_seeds=options.data_seeds or one.data_seeds) for one in problems]


def _added(path: Path) -> pd.DataFrame:
    """The runs of another comparison; ValueError where they are none."""
    try:
        rows = read_any(content(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"--add {path}: {getattr(error, 'strerror', None) or error}") from None
    if missing := sorted({"problem", "command", *table.BY} - {*rows}):
        raise ValueError(f"--add {path}: has no {', '.join(missing)}; must be a methods-runs.parquet")
    return rows


def _command(options: argparse.Namespace) -> str:
    """What trains the runs of this comparison and tabulates them alone, wherever the table of all is to go."""
    elsewhere = {"--add", "--to", *map(str, (*options.add, options.to))}
    return "python -m lth.comparison " + shlex.join(word for word in options.typed if word not in elsewhere)


def _write(rows: pd.DataFrame, refused: dict[str, dict[str, str]], options: argparse.Namespace) -> None:
    command = "python -m lth.comparison " + shlex.join(options.typed)
    commands = dict(zip(rows["problem"], rows["command"], strict=True))
    summary, to = table.summarised(rows), options.to or options.folder
    write_atomic(to / "methods-runs.parquet", rows.to_parquet(index=False, compression="zstd"))
    write_atomic(to / "methods.md", page(summary, refused, commands).encode())
    paths = []
    for quantity in WORDS:
        if summary[quantity].isna().all():
            continue  # no problem has two tasks
        paths += save(draw(summary, quantity), to, f"methods-{quantity.removeprefix('test_')}", command, ["png"])
    for path in (to / "methods-runs.parquet", to / "methods.md", *paths):
        print(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=terminal.called("comparison"), description="Every way of pruning, compared.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the runs lie, or are to lie")
    parser.add_argument("--to", metavar="DIR", type=Path, help="where table and figures go (default: DIR)")
    parser.add_argument("--seeds", default="0..1", help="network seeds, crossed with the data seeds of each problem")
    parser.add_argument("--data-seeds", type=_numbers, help="others than the problems' own, `0,1` say")
    parser.add_argument("--methods", type=lambda text: text.split(","), help="these presets alone (default: all)")
    parser.add_argument(
        "--problems", type=lambda text: text.split(";"), help="these problems alone, by their beginnings"
    )
    parser.add_argument("--densities", type=_shares, default=DENSITIES, help="shares of the weights left")
    parser.add_argument(
        "--add", action="append", default=[], metavar="FILE", type=Path,
        help="a methods-runs.parquet of another comparison (other problems, another machine) whose runs join the table",
    )  # fmt: skip
    parser.add_argument("--reduced", action="store_true", help="small enough to be tried: no number means anything")
    parser.add_argument("--only-table", action="store_true", help="train nothing, tabulate and draw what is there")
    parser.add_argument("more", nargs="*", metavar="OVERRIDE", help="further overrides of lth.run")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _shares(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(terminal.run(main))
