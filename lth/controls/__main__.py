"""`python -m lth.controls DIR [KEY=VALUE …]`: is a ticket more than its mask, and that than its counts?

For every seed of the run folders at or below DIR, at its first separated level, or at its last one where it never
separates, or at --levels, it trains the controls below again, as that level was trained. Where a level has several
parts, all but a ticket as it was have their mask from the first part on. Each run folder gets a controls.parquet; what
is there of the same configuration is not trained again. What the folders take from elsewhere, a dataset of your own
say, is named again: dataset._target_=mymodule.build.

Exit codes: 0 done, 1 something is missing, 2 nothing to work on, 130 Ctrl-C, 143 SIGTERM.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lth.controls.asked import Wanted
from lth.controls.known import KNOWN, USUAL, Control
from lth.files.atomic import RecordError
from lth.jobs.cores import available
from lth.results.folders import ResultsError, scan
from lth.settings.foreign import Named, named
from lth.terminal import called, run

DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write the controls; returns the exit code."""
    options = _parser().parse_intermixed_args(arguments)
    try:
        wanted = Wanted(options.controls, options.levels)
        return _control(options.folder, named(options.named), options.workers, wanted)
    except ResultsError as fault:
        return _say(fault, REFUSED)
    except RecordError as fault:
        return _say(fault, FAILED)
    except KeyboardInterrupt as stop:
        return 128 + getattr(stop, "signal", INTERRUPTED - 128)


def _control(top: Path, own: Named, workers: int, wanted: Wanted) -> int:
    folders = scan(top)

    from lth.controls.execute import execute
    from lth.controls.recorded import planned
    from lth.controls.table import NAME
    from lth.settings import ConfigurationError

    plans, code = {}, DONE
    for folder in folders:
        try:
            plans[folder.name] = planned(folder.path, own)
        except ValueError as fault:
            code = _say(fault, FAILED)
    if not plans:
        return REFUSED
    try:
        outcomes = execute(list(plans.values()), workers, wanted)
    except ConfigurationError as fault:
        return _say(fault, REFUSED)
    for name, outcome in zip(plans, outcomes, strict=True):
        print(f"{name}: {outcome.rows} rows in {plans[name].folder / NAME}")
        for warning in outcome.warnings:
            print(f"warning: {name}: {warning}", file=sys.stderr)
        for fault in outcome.faults:
            code = _say(f"{name}: {fault}", FAILED)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=called("controls"), description=(__doc__ or "").partition("\n\n")[2])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    lines = [f"  {name:<13}{'*' if known.parts else ' '} {known.meaning}" for name, known in KNOWN.items()]
    parser.epilog = "\n".join(["controls (*: of separated tickets alone):", *lines])
    parser.add_argument("folder", metavar="DIR", type=Path, help="a run folder, or any folder above some")
    parser.add_argument("named", metavar="KEY=VALUE", nargs="*", type=_named, help="what only you may say, as recorded")
    parser.add_argument(
        "--controls", metavar="A,B", type=_controls, default=USUAL, help=f"of those below; else {', '.join(USUAL)}"
    )
    parser.add_argument("--levels", metavar="1,2", type=_levels, help="these levels, as far as a run has them")
    parser.add_argument("--workers", metavar="N", type=_workers, default=available(), help="processes; one per core")
    return parser


def _named(text: str) -> tuple[str, str]:
    key, equal, value = text.partition("=")
    if not key or not equal:
        raise argparse.ArgumentTypeError(f"{text}: must be KEY=VALUE")
    return key, value


def _controls(text: str) -> tuple[Control, ...]:
    asked = text.split(",")
    for name in asked:
        if name not in KNOWN:
            raise argparse.ArgumentTypeError(f"{name}: must be one of {', '.join(KNOWN)}")
    return tuple(one for one in KNOWN if one in asked)


def _levels(text: str) -> tuple[int, ...]:
    if not all(one.isdecimal() and int(one) > 0 for one in text.split(",")):
        raise argparse.ArgumentTypeError(f"{text}: must be levels of 1 or more, as 3,7,9")
    return tuple(sorted({int(one) for one in text.split(",")}))


def _workers(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be an integer of 1 or more")
    return int(text)


def _say(fault: object, code: int) -> int:
    print(f"lth.controls: {fault}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(run(main))
