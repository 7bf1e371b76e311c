"""Quantities of controls, of methods, and those that lth.evidence computes by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pandas as pd

from lth.collect import Missing, Shelf
from lth.evidence.forecast import Forecast, forecast
from lth.evidence.winning import Winning, winning
from lth.files.foreign import content
from lth.ledger.runs import finished
from lth.record.parquet import read_any
from lth.statistics import Interval


def of_controls(shelf: Shelf, experiment: str, column: str) -> pd.DataFrame:
    """A column of the controls of runs that separated, where they are recorded as of a separated ticket."""
    return _valued(shelf.table(experiment, "controls"), column)


def of_levels_and_controls(shelf: Shelf, experiment: str, column: str) -> pd.DataFrame:
    """A column of every level (`control` is ticket, at level 0 dense) and of the controls of some."""
    levels = finished(shelf.table(experiment))
    levels = levels.assign(control=np.where(levels["level"] == 0, "dense", "ticket"))
    with contextlib.suppress(Missing):  # the tickets are known without them
        controls = shelf.table(experiment, "controls")
        levels = pd.concat([levels, controls[controls["control"] != "dense"]], ignore_index=True)
    return _valued(levels, column)


def of_methods(shelf: Shelf, column: str) -> pd.DataFrame:
    """A column of the comparison of methods, from the folder beside that of the tables."""
    path = shelf.folder.parent / "methods" / "fresh" / "methods-runs.parquet"
    if not path.is_file():
        raise Missing("methods is not measured")
    table = read_any(content(path))
    table["run"] = table["method"] + table["asked"].astype(str) + table["data_seed"].astype(str)
    return _valued(table.assign(less_dense=table["test_accuracy"] - table["dense"], macs=table["spent_macs"]), column)


def _valued(table: pd.DataFrame, column: str) -> pd.DataFrame:
    name = column.removeprefix("log_")
    value = table[name].astype("Float64").astype(float)
    return table.assign(value=np.log(value) if column != name else value).dropna(subset=["value"])


@lru_cache(maxsize=4)
def _forecasts(shelf: Shelf, ahead: int) -> Forecast:
    return forecast(shelf.table("main"), ahead=ahead)


@lru_cache(maxsize=2)
def _wins(shelf: Shelf) -> Winning:
    return winning(shelf.table("main"), shelf.table("main", "courses"))


def _forecast(shelf: Shelf, name: str) -> Interval:
    return getattr(_forecasts(shelf, 3 if name == "auc_three" else 1), name.removesuffix("_three"))


def _winning(shelf: Shelf, name: str) -> Interval:
    return _wins(shelf).step("wins_dense") if name == "step" else _wins(shelf).difference(name)


COLUMNS: dict[str, Callable[[Shelf, str, str], pd.DataFrame]] = {
    "controls": of_controls,
    "levels_and_controls": of_levels_and_controls,
    "methods": lambda shelf, _, column: of_methods(shelf, column),
}
GIVEN: dict[str, Callable[[Shelf, str], Interval]] = {"forecast": _forecast, "winning": _winning}
