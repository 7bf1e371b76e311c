"""`python -m lth.report DIR [--to FILE] [--seeds N]`: one self-contained HTML page of what a folder holds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lth.terminal import called, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and print its path; exit code 0, 1 when it cannot be written, 2 for a folder without runs."""
    parser = argparse.ArgumentParser(prog=called("report"), description="One offline HTML page of DIR.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="a run folder, or any folder above some")
    parser.add_argument("--to", metavar="FILE", type=Path, help="where to write the page (default: DIR/report.html)")
    parser.add_argument(
        "--seeds", metavar="N", type=_count, help="seeds of each configuration to draw (default: as many as stay light)"
    )
    options = parser.parse_args(arguments)

    from lth.files.atomic import RecordError
    from lth.report.page import write
    from lth.results import ResultsError

    target = options.to or options.folder / "report.html"
    words = sys.argv[1:] if arguments is None else arguments
    try:
        notes = write(options.folder, target, seeds=options.seeds, words=words, watch=_shown)
    except ResultsError as fault:
        print(f"lth.report: {fault}", file=sys.stderr)
        return 2
    except RecordError as fault:
        print(f"lth.report: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    for note in notes:
        print(f"lth.report: {note}", file=sys.stderr)
    print(target)
    return 0


def _shown(seeds: list[Any]) -> Iterable[Any]:
    """The seeds, with a bar while their tickets are read; none where nobody looks."""
    from rich.console import Console
    from rich.progress import track

    return track(
        seeds, "reading tickets", console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a number of seeds, 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(run(main))
