"""Many run folders as one table: `load` for every level, `runs` for every seed."""

from lth.results.folders import ResultsError
from lth.results.table import load, runs

__all__ = ["ResultsError", "load", "runs"]
