"""`python -m lth.evidence QUESTION DIR [--to FOLDER]`: what the tables of an experiment say, with intervals.

QUESTION is backward, bridge, forecast or winning. DIR holds collected tables, or run folders at or below it; forecast
and winning read the experiment main unless told otherwise. Prints tables, and writes them as CSV where told to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from lth.collect import CollectError, Missing, Tables, read, whole
from lth.evidence.backward import backward
from lth.evidence.bridge import bridge
from lth.evidence.forecast import forecast, forecasts
from lth.evidence.winning import winning
from lth.files.atomic import RecordError, write_atomic
from lth.terminal import called, run

Found = dict[str, pd.DataFrame]


def _backward(tables: Tables) -> Found:
    found = backward(whole(tables, "levels"))
    return {"gaps": found.gaps, "against": found.against}


def _bridge(tables: Tables) -> Found:
    found = bridge(whole(tables, "controls"))
    return {"contrasts": found.table, "statuses": found.statuses}


def _forecast(tables: Tables) -> Found:
    levels = whole(tables, "levels")
    found = forecast(levels)
    return {"ahead": forecasts(levels), "by_cut": found.by_cut, "reliability": found.reliability}


def _winning(tables: Tables) -> Found:
    found = winning(whole(tables, "levels"), whole(tables, "courses"))
    return {"shares": found.table, "epochs": found.epochs}


QUESTIONS: dict[str, Callable[[Tables], Found]] = {
    "backward": _backward, "bridge": _bridge, "forecast": _forecast, "winning": _winning,
}  # fmt: skip
EXPERIMENT = {"forecast": "main", "winning": "main"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, and write, what a question comes to; exit code 0, or 2 with one line when it cannot be told."""
    parser = argparse.ArgumentParser(prog=called("evidence"), description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("question", metavar="QUESTION", choices=QUESTIONS, help=", ".join(QUESTIONS))
    parser.add_argument("folder", metavar="DIR", type=Path, help="collected tables, or run folders")
    parser.add_argument("--experiment", metavar="NAME", help="whose tables")
    parser.add_argument("--to", metavar="FOLDER", type=Path, help="where to write QUESTION.TABLE.csv")
    options = parser.parse_args(arguments)
    name = str(options.experiment or EXPERIMENT.get(options.question, options.question))
    try:
        found = QUESTIONS[options.question](read(options.folder, name))
        for title, table in found.items():
            print(f"{title}\n{table.to_string(index=False, float_format=lambda value: f'{value:.4g}')}\n")
            if options.to:
                path = options.to / f"{options.question}.{title}.csv"
                write_atomic(path, table.to_csv(index=False).encode())
                print(path)
    except KeyError as fault:
        return _say(f"{options.folder}: the tables of {name} have no column {fault.args[0]}")
    except (CollectError, Missing, RecordError) as fault:
        return _say(str(fault))
    return 0


def _say(text: str) -> int:
    print(f"lth.evidence: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(run(main))
