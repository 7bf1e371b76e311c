"""Datasets: one file per source, and how independent tasks are put side by side."""

from lth.data.dataset import Dataset, Split, Task

__all__ = ["Dataset", "Split", "Task"]
