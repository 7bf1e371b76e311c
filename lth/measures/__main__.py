"""`python -m lth.measures DIR [KEY=VALUE …]`: connectivity, robustness and overlap of the tickets in run folders.

Every run folder at or below DIR gets a measures.parquet, one row per seed and level: accuracy on the training samples
and its gap to the test samples, the share of kept weights that have their anchor's sign, the barrier on the straight
line to the level before, the overlap of the mask with those of the other seeds and what it would be by chance, and
accuracy under attacks (FGSM and PGD, in units of standardised inputs). What the folders take from elsewhere, a dataset
of your own say, is named again: dataset._target_=mymodule.build.

Exit codes: 0 done, 1 something is missing, 2 nothing to work on, 130 Ctrl-C.
"""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lth.files.atomic import RecordError
from lth.results.folders import ResultsError, scan
from lth.settings import ConfigurationError
from lth.settings.foreign import Named, named
from lth.terminal import called, run

if TYPE_CHECKING:
    from lth.jobs.plan import Plan

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write; returns the exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    options = _parser().parse_intermixed_args(arguments)
    try:
        return _measure(options, named(options.named))
    except (ResultsError, ConfigurationError) as fault:
        return _say(fault, REFUSED)
    except RecordError as fault:
        return _say(fault, FAILED)
    except OSError as fault:
        return _say(f"cannot write {fault.filename or ''}: {fault.strerror or fault}", FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _measure(options: argparse.Namespace, own: Named) -> int:
    folders, others = scan(options.folder), [] if options.against is None else scan(options.against)
    if len(others) > 1:
        return _say(f"{options.against}: {len(others)} run folders, --against takes one", REFUSED)

    import pandas as pd

    from lth.measures.table import Folder, Wanted, measure, write

    plans, code = _plans(folders, own)
    against, fault = _plans(others, own)
    if fault or not plans:
        return REFUSED
    wanted = Wanted(options.radii, options.orders, next(iter(against.values()), None))
    made: list[pd.DataFrame] = []
    for name, plan in plans.items():
        if wanted.other is not None and wanted.other.shape != plan.shape:
            code = _say(f"{name}: its networks are {plan.shape}, those of --against {wanted.other.shape}", FAILED)
            continue
        folder = Folder(plan)
        table = write(plan.folder, measure(folder, wanted))
        made.append(table.assign(run=name)[["run", *table.columns]])
        print(f"{name}: {len(table)} rows in {plan.folder / 'measures.parquet'}", flush=True)
        for line in folder.faults:
            code = _say(f"{name}: {line}", FAILED)
    if options.csv is not None and made:
        pd.concat(made).to_csv(options.csv, index=False)
    return code


def _plans(folders: Sequence, own: Named) -> "tuple[dict[str, Plan], int]":
    """The plans of the folders by their names; what a folder is not fit for is said."""
    from lth.controls.recorded import planned

    found, code = {}, DONE
    for folder in folders:
        try:
            found[folder.name] = planned(folder.path, own)
        except ValueError as fault:
            code = _say(fault, FAILED)
    return found, code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=called("measures"), description=(__doc__ or "").partition("\n\n")[2])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", metavar="DIR", type=Path, help="a run folder, or any folder above some")
    parser.add_argument("named", metavar="KEY=VALUE", nargs="*", type=_named, help="what only you may say, as recorded")
    parser.add_argument("--csv", metavar="F", type=Path, help="also write all rows as CSV")
    parser.add_argument("--radii", metavar="A,B", type=_radii, default=(0.05, 0.1, 0.2), help="how far attacks go")
    parser.add_argument(
        "--orders", action="store_true", help="also train each level again in another order of the data"
    )
    parser.add_argument(
        "--against", metavar="DIR", type=Path, help="a run folder to compare masks of equal counts with"
    )
    return parser


def _named(text: str) -> tuple[str, str]:
    key, equal, value = text.partition("=")
    if not key or not equal:
        raise argparse.ArgumentTypeError(f"{text}: must be KEY=VALUE")
    return key, value


def _radii(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(",") if part)
    except ValueError:
        found = (-1.0,)
    if not all(0 <= radius < math.inf for radius in found):
        raise argparse.ArgumentTypeError(f"{text}: must be numbers of 0 or more, like 0.05,0.1")
    return found


def _say(fault: object, code: int) -> int:
    print(f"lth.measures: {fault}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(run(main))
