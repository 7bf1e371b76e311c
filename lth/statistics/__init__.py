"""The statistics of every figure and every verdict: thin, typed calls of scipy, statsmodels and lifelines."""

from lth.statistics.intervals import mean_interval, spearman, wilson
from lth.statistics.lives import Survival, cox, logrank, survival
from lth.statistics.odds import logistic, stratified
from lth.statistics.pairs import holm, paired
from lth.statistics.values import Interval

__all__ = [
    "Interval",
    "Survival",
    "cox",
    "holm",
    "logistic",
    "logrank",
    "mean_interval",
    "paired",
    "spearman",
    "stratified",
    "survival",
    "wilson",
]
