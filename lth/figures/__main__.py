"""The command line of the figures: `python -m lth.figures NAME DIR [--to FOLDER]`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lth.files.atomic import RecordError
from lth.files.foreign import line
from lth.results.folders import ResultsError
from lth.terminal import called, run

if TYPE_CHECKING:
    from lth.collect import Tables


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw and write; exit code 0, 1 where runs are unfinished, 2 for an unknown name or a folder without results.

    What a figure lacks is said on it and on stderr, and is no fault otherwise.
    """
    from lth.collect import CollectError
    from lth.figures.save import FORMATS

    parser = argparse.ArgumentParser(prog=called("figures"), description="Draw the figures of an experiment.")
    parser.add_argument("name", metavar="NAME", help="an experiment (all its figures), a figure, or all")
    parser.add_argument("folder", metavar="DIR", type=Path, help="collected tables, or run folders at or below it")
    parser.add_argument("--to", metavar="FOLDER", type=Path, default=Path("figures"), help="where to write (figures)")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS, help="pdf svg png")
    options = parser.parse_args(arguments)
    unfinished: list[str] = []
    try:
        for experiment, figure in _wanted(options.name, options.folder):
            unfinished += _draw(experiment, figure, options)
    except (ResultsError, CollectError, RecordError, LookupError) as fault:
        print(f"lth.figures: {fault.args[0]}", file=sys.stderr)
        return 2
    for missing in unfinished:
        print(f"lth.figures: missing: {missing}", file=sys.stderr)
    return 1 if unfinished else 0


def _wanted(name: str, folder: Path) -> list[tuple[str, str | None]]:
    """Which experiments, each with the one figure of it or None for all. Raises LookupError, ResultsError."""
    from lth.figures.catalogue import EXPERIMENTS, figures
    from lth.figures.reading import experiments

    if name != "all" and name not in EXPERIMENTS and name not in figures():
        known = f"experiments {', '.join(EXPERIMENTS)}; figures {', '.join(figures())}; all"
        raise LookupError(f"{name}: neither an experiment nor a figure; known: {known}")
    if name in EXPERIMENTS:
        return [(name, None)]
    here = experiments(folder)
    if name == "all":
        if not here:
            raise ResultsError(f"{folder}: no tables and no run folders of any known experiment")
        return [(experiment, None) for experiment in here]
    own = folder.resolve().name
    return [(one, name) for one in here if name in EXPERIMENTS[one]] or [(own if own in EXPERIMENTS else "", name)]


def _draw(experiment: str, figure: str | None, options: argparse.Namespace) -> list[str]:
    """Draw an experiment's figures; the runs that are not finished and so are not in them."""
    from lth.collect import CollectError
    from lth.figures.catalogue import drawings
    from lth.figures.page import lacks
    from lth.figures.reading import read
    from lth.figures.save import save

    tables = read(options.folder, experiment)
    words = ["python", "-m", "lth.figures", experiment or options.name, str(options.folder), "--to", str(options.to)]
    for drawing in drawings(experiment, figure):
        try:
            drawn = drawing.draw(tables)
        except (ResultsError, CollectError):
            raise
        except Exception as fault:
            why = line(f"{type(fault).__name__}: {fault}")
            raise CollectError(f"{options.folder}: {drawing.name} cannot be drawn from these tables ({why})") from fault
        for path in save(drawn, options.to, drawing.name, shlex.join(words), options.formats):
            print(path)
        for missing in lacks(drawn):
            print(f"lth.figures: {drawing.name}: {missing}", file=sys.stderr)
    return _unfinished(tables)


def _unfinished(tables: Tables) -> list[str]:
    levels = tables.get("levels")
    if levels is None:
        return []
    named = [one for one in levels.attrs.get("excluded", ()) if ": unfinished" in one]
    if named or "excluded" in levels.attrs or not {"run", "seed", "state"} <= set(levels):
        return named
    left = levels.loc[~levels["state"].isin(("finished", "failed")), ["run", "seed"]].drop_duplicates()
    return [f"{run} seed {seed}: unfinished" for run, seed in left.itertuples(index=False)]


if __name__ == "__main__":
    sys.exit(run(main))
