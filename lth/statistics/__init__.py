"""The statistics of every figure and every verdict: thin, typed calls of scipy, statsmodels and lifelines."""

from lth.statistics.intervals import mean_interval, spearman, wilson
from lth.statistics.lives import Survival, cox, logrank, survival
from lth.statistics.medians import median_interval
from lth.statistics.odds import logistic, logistic_chances, stratified
from lth.statistics.pairs import holm, paired
from lth.statistics.values import Interval

__all__ = [
    "Interval",
    "Survival",
    "cox",
    "holm",
    "logistic",
    "logistic_chances",
    "logrank",
    "mean_interval",
    "median_interval",
    "paired",
    "spearman",
    "stratified",
    "survival",
    "wilson",
]
