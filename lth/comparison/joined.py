"""Several comparisons as one: the runs of a file that is added, and what made the runs of each problem."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api import types

from lth.comparison.rows import BY, NUMBERS, SHARES, TEXTS
from lth.files.foreign import content
from lth.record.parquet import read_any

KEY = ["problem", *BY]


def added(path: Path) -> pd.DataFrame:
    """The runs of another comparison; ValueError where they are none."""
    try:
        rows = read_any(content(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"--add {path}: {getattr(error, 'strerror', None) or error}") from None
    numbers, texts = [*NUMBERS, *BY[1:]], [*TEXTS, "problem", "command", BY[0]]
    if missing := sorted({*numbers, *texts, *SHARES} - {*rows}):
        raise ValueError(f"--add {path}: has no {', '.join(missing)}; must be a methods-runs.parquet")
    strange = [name for name in numbers if not types.is_numeric_dtype(rows[name])]
    strange += [name for name in texts if not rows[name].map(lambda value: isinstance(value, str)).all()]
    strange += [name for name in SHARES if not rows[name].dropna().isin([True, False]).all()]
    if strange or rows[BY].isna().any(axis=None):
        raise ValueError(f"--add {path}: no table of runs by its {', '.join(strange or BY)}")
    return rows


def joined(own: Sequence[pd.DataFrame], others: Sequence[tuple[Path, pd.DataFrame]]) -> pd.DataFrame:
    """All runs; ValueError where a file brings one that is there already, for it would count twice."""
    rows = pd.concat(own, ignore_index=True)
    for path, more in others:
        rows = pd.concat([rows, more], ignore_index=True)
        if (twice := rows[rows.duplicated(KEY)]).size:
            said = ", ".join(f"{name} {value}" for name, value in twice.iloc[0][KEY].items())
            raise ValueError(f"--add {path}: {len(twice)} of its runs are there already, the first is {said}")
    return rows


def commands(rows: pd.DataFrame) -> dict[str, list[str]]:
    """What made the runs of each problem: one command, or more where they come from several comparisons."""
    return {str(name): list(dict.fromkeys(group["command"])) for name, group in rows.groupby("problem", sort=False)}
