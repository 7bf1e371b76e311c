"""Finding the experiments of a folder, and reading their tables."""

from pathlib import Path

import pandas as pd

from lth import results
from lth.figures.catalogue import EXPERIMENTS
from lth.figures.source import Tables


def experiments(folder: Path) -> list[str]:
    """The known experiments that have tables in a folder, or run folders in a folder of their name below it."""
    return [name for name in EXPERIMENTS if (folder / f"{name}.levels.parquet").is_file() or (folder / name).is_dir()]


def read(folder: Path, experiment: str) -> Tables:
    """The tables of an experiment, from its files or from the run folders at or below `folder`.

    Raises ResultsError where there are none.
    """
    files = sorted(folder.glob(f"{experiment}.*.parquet")) if experiment else []
    if files:
        return {
            path.name.removeprefix(f"{experiment}.").removesuffix(".parquet"): pd.read_parquet(path) for path in files
        }
    below = folder / experiment
    return {"levels": results.load(below if experiment and below.is_dir() else folder)}
