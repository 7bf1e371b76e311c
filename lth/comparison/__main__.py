"""`python -m lth.comparison DIR`: train every method on every problem, then the table and the figures.

Exit codes: 0 done, 1 a run failed (the table has the others), 2 bad arguments, 130 Ctrl-C, 128 and a signal's number
where that ended the training.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from lth import terminal
from lth.comparison import rows as runs
from lth.comparison import sweep, table
from lth.comparison.absent import absent
from lth.comparison.drawn import WORDS, draw
from lth.comparison.joined import added, commands, joined
from lth.comparison.options import asked, command, whole_command
from lth.comparison.page import page
from lth.comparison.problems import PROBLEMS, Problem, named
from lth.figures.save import save
from lth.files.atomic import RecordError, write_atomic
from lth.settings import parse_seeds
from lth.settings.conf import presets
from lth.ticket import TicketError


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; returns the exit code."""
    options = asked(arguments)
    try:
        return _compare(options)
    except (RecordError, TicketError) as error:  # a TicketError is a ValueError as well
        print(f"lth.comparison: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"lth.comparison: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _compare(options: argparse.Namespace) -> int:
    names, seeds, code = _names(options), _seeds(options.seeds), 0
    problems, others = _problems(options), [(path, added(path)) for path in options.add]
    taken: dict[str, list[str]] = {}
    refused: dict[str, dict[str, str]] = {}
    for problem in problems:
        taken[problem.name], refused[problem.name] = sweep.fitting(problem, names, options.densities[-1], options.more)
        if not options.only_table:
            given = options.densities, options.seeds, options.folder, options.more
            code = max(code, sweep.run(problem, taken[problem.name], *given))
        if code not in (0, 1):
            return code
    given = options.densities, seeds, tuple(options.more)
    found = [runs.collected(one, runs.Wanted(options.folder, taken[one.name], *given)) for one in problems]
    rows = joined([rows.assign(command=command(options)) for rows in found], others)
    for problem in PROBLEMS:
        if problem.name not in refused and (rows["problem"] == problem.name).any():
            refused[problem.name] = sweep.fitting(problem, names, options.densities[-1])[1]
    _write(rows, absent(rows, names, refused), options)
    return code


def _names(options: argparse.Namespace) -> list[str]:
    """The methods that are compared. Raises ValueError for one that there is not."""
    known = presets("pruning")
    for name in options.methods or ():
        if name not in known:
            raise ValueError(f"--methods {name}: must be one of {', '.join(known)}")
    return list(options.methods or known)


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return parse_seeds(text)
    except ValueError as error:
        raise ValueError(f"--seeds {text}: {error}") from None


def _problems(options: argparse.Namespace) -> list[Problem]:
    problems = named(options.problems)
    if options.reduced:
        problems = [problems[0].reduced()]
    return [replace(one, data_seeds=options.data_seeds or one.data_seeds) for one in problems]


def _write(rows: pd.DataFrame, lacking: dict[str, list[str]], options: argparse.Namespace) -> None:
    summary, to = table.summarised(rows), options.to or options.folder
    write_atomic(to / "methods-runs.parquet", rows.to_parquet(index=False, compression="zstd"))
    write_atomic(to / "methods.md", page(summary, lacking, commands(rows)).encode())
    paths = []
    for quantity in WORDS:
        if summary[quantity].isna().all():
            continue  # no problem has two tasks
        name = f"methods-{quantity.removeprefix('test_')}"
        paths += save(draw(summary, quantity), to, name, whole_command(options), ["png"])
    for path in (to / "methods-runs.parquet", to / "methods.md", *paths):
        print(path)


if __name__ == "__main__":
    sys.exit(terminal.run(main))
