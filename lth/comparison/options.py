"""What a comparison is asked for, and the command that makes the same runs again."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from lth import terminal
from lth.comparison.problems import DENSITIES, REDUCED_DENSITIES

SEEDS = "0..1"


def asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of a command line; ends the program for those that there are not."""
    options = _parser().parse_intermixed_args(arguments)
    if options.reduced:
        options.densities = REDUCED_DENSITIES
    return options


def command(options: argparse.Namespace) -> str:
    """What trains the runs of this comparison and tabulates them alone, wherever the table of all is to go."""
    return _called(_own(options))


def whole_command(options: argparse.Namespace) -> str:
    """The same, with the tables that join and the place where all of it goes."""
    joining = [word for path in options.add for word in ("--add", str(path))]
    return _called([*_own(options), *joining, *(["--to", str(options.to)] if options.to else [])])


def _own(options: argparse.Namespace) -> list[str]:
    given: dict[str, str | None] = {
        "--seeds": options.seeds if options.seeds != SEEDS else None,
        "--data-seeds": _joined(options.data_seeds),
        "--methods": _joined(options.methods),
        "--problems": _joined(options.problems, ";"),
        "--densities": None if options.reduced or options.densities == DENSITIES else _joined(options.densities),
    }
    words = [word for flag, value in given.items() if value is not None for word in (flag, value)]
    return [str(options.folder), *words, *["--reduced"] * options.reduced, *options.more]


def _called(words: Sequence[str]) -> str:
    return f"python -m lth.comparison {shlex.join(words)}"


def _joined(values: Sequence[object] | None, by: str = ",") -> str | None:
    return by.join(map(str, values)) if values else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=terminal.called("comparison"), description="Every way of pruning, compared.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="where the runs lie, or are to lie")
    parser.add_argument("--to", metavar="DIR", type=Path, help="where table and figures go (default: DIR)")
    parser.add_argument("--seeds", default=SEEDS, help="network seeds, crossed with the data seeds of each problem")
    parser.add_argument("--data-seeds", type=_numbers, help="others than the problems' own, `0,1` say")
    parser.add_argument("--methods", type=_words(","), help="these presets alone (default: all)")
    parser.add_argument("--problems", type=_words(";"), help="these problems alone, by their beginnings")
    parser.add_argument(
        "--densities", type=_shares, default=DENSITIES,
        help="shares of the weights left; the runs of other ones belong into another DIR",
    )  # fmt: skip
    parser.add_argument(
        "--add", action="append", default=[], metavar="FILE", type=Path,
        help="a methods-runs.parquet of another comparison (other problems, another machine) whose runs join the table",
    )  # fmt: skip
    parser.add_argument("--reduced", action="store_true", help="small enough to be tried: no number means anything")
    parser.add_argument("--only-table", action="store_true", help="train nothing, tabulate and draw what is there")
    parser.add_argument("more", nargs="*", metavar="OVERRIDE", help="further overrides of lth.run")
    return parser


def _words(by: str) -> Callable[[str], list[str]]:
    return lambda text: [word.strip() for word in text.split(by)]


def _numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 0 or len({*found}) < len(found):
        raise argparse.ArgumentTypeError(f"{text}: must be different numbers of 0 or more, like 0,1")
    return found


def _shares(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < share < 1 for share in found) or len({*found}) < len(found):
        raise argparse.ArgumentTypeError(f"{text}: must be different numbers above 0 and below 1, like 0.1,0.02")
    return tuple(sorted(found, reverse=True))
