"""Finding the experiments of a folder, and reading their tables."""

from pathlib import Path

from lth import collect
from lth.collect import Tables
from lth.figures.catalogue import EXPERIMENTS
from lth.results import table as results

DRAWS = 50  # of a null model per ticket where tables are made on the fly: enough for a look, and a minute


def experiments(folder: Path) -> list[str]:
    """The known experiments that have tables in a folder, or run folders in a folder of their name below it."""
    return [name for name in EXPERIMENTS if collect.stored(folder, name) or (folder / name).is_dir()]


def read(folder: Path, experiment: str) -> Tables:
    """The tables of an experiment, from its files, or made from the run folders at or below `folder`.

    An empty name stands for run folders of no known experiment: they have the table levels alone. Raises
    ResultsError or CollectError where there are none.
    """
    if not experiment:
        return {"levels": results.load(folder)}
    if collect.stored(folder, experiment):
        return collect.read(folder, experiment)
    below = folder / experiment
    if not below.is_dir() and experiments(folder):
        raise collect.CollectError(f"{folder}: no tables and no run folders of {experiment}")
    return collect.read(below if below.is_dir() else folder, experiment, draws=DRAWS)
