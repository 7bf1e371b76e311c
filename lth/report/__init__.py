"""One offline HTML page for a run, a sweep or an experiment: outcomes, figures, and every ticket level by level."""

from lth.report.page import write

__all__ = ["write"]
