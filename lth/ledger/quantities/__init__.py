"""What the rules measure, by the names that they call it."""

from __future__ import annotations

import pandas as pd

from lth.collect import Shelf
from lth.ledger.quantities.levels import LEVELS
from lth.ledger.quantities.others import COLUMNS, GIVEN
from lth.statistics import Interval

YES_OR_NO = ("separated", "separated_beyond_lot", "separated_beyond_degrees", "degraded_at_end", "recovered",
             "cut_of_one", "separated_and_right")  # fmt: skip


def table_of(measure: str, shelf: Shelf, experiment: str) -> pd.DataFrame:
    """Rows with a `value` for each run, or for each of its controls; raises KeyError for an unknown measure."""
    part, _, column = measure.partition(".")
    return COLUMNS[part](shelf, experiment, column) if column else LEVELS[part](shelf, experiment)


def given(measure: str, shelf: Shelf) -> Interval:
    """An interval that is computed as a whole; raises KeyError for a measure that there is not."""
    part, _, name = measure.partition(".")
    return GIVEN[part](shelf, name)


def is_yes_or_no(measure: str) -> bool:
    """Whether a run's value is yes (1) or no (0), less a chance that is small."""
    return measure in YES_OR_NO or measure.startswith("controls.wins_") or measure == "methods.ever"


def known(measure: str) -> bool:
    """Whether there is such a measure."""
    part, _, column = measure.partition(".")
    return part in (COLUMNS | GIVEN if column else LEVELS) or measure == "none"
