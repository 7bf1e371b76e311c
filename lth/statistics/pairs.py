"""Tests over seeds, and their correction where several are made."""

from __future__ import annotations

from typing import Any

import numpy as np

from lth.statistics.values import Numbers, known_numbers, numbers


def paired(a: Numbers, b: Numbers) -> float:
    """p of Wilcoxon's signed-rank test (1945) of pairs a, b, two-sided: exact for few pairs without ties.

    Zero differences count half to either side (zsplit), so that ties weaken a result instead of vanishing; all zero
    gives 1. Pairs with a null do not count; not a number without any pair.
    """
    from scipy.stats import wilcoxon

    if len(a) != len(b):
        raise ValueError(f"{len(a)} and {len(b)} values are no pairs")
    differences = known_numbers(numbers(a) - numbers(b))
    if not len(differences):
        return np.nan
    if not differences.any():
        return 1.0
    found: Any = wilcoxon(differences, zero_method="zsplit")
    return float(found.pvalue)


def holm(p_values: Numbers) -> list[float]:
    """The p values as Holm (1979) corrects them for their number, in their order; those not a number do not count.

    statsmodels has it, too, and collects garbage at every call: seconds of a page with hundreds of them.
    """
    corrected = numbers(p_values)
    (known,) = np.nonzero(~np.isnan(corrected))
    rising = known[np.argsort(corrected[known])]
    times = np.arange(len(rising), 0, -1)
    corrected[rising] = np.minimum(np.maximum.accumulate(times * corrected[rising]), 1)
    return corrected.tolist()
