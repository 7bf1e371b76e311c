"""How many prunable parameters are left at every level: rate, target and levels, any two give the third."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, log, log1p


def trajectory(
    prunable: int, *, rate: float | None = None, target: int | None = None, levels: int | None = None
) -> tuple[int, ...]:
    """The keeps n_0 = prunable, n_1, …, n_L of a geometric schedule, n_i = round(prunable · (1 − rate)^i).

    Takes exactly two of the share `rate` removed per level, the final count `target` and the number `levels` of
    prunings. A target is met exactly: with a rate, at the first level whose rounded count reaches it. One level is
    one-shot pruning; none is a dense net alone. Integers fall strictly; what cannot be raises ValueError.
    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019; the implied rate: "Winning the Lottery Twice".
    """
    _check_given(prunable, rate, target, levels)
    if rate is not None and target is not None:
        return _until(prunable, rate, target)
    assert levels is not None
    if target is not None:
        rate = implied_rate(prunable, target, levels)
    assert rate is not None
    keeps = [_keep(prunable, rate, level) for level in range(levels + 1)]
    if target is not None:
        keeps[-1] = target
    return strictly_falling(keeps, f"rate={rate:.4g} and levels={levels}")


def meeting(prunable: int, rate: float, targets: Sequence[int]) -> tuple[int, ...]:
    """The keeps of a schedule that meets each of the falling `targets` exactly and loses at most `rate` per level.

    From one target to the next it falls geometrically, in the fewest levels that this takes (but for rounding). Raises
    ValueError for a rate outside 0 to 1, and where a level would remove nothing.
    """
    if not 0 < rate < 1:
        raise ValueError(f"rate={rate}: the share removed per level lies strictly between 0 and 1")
    keeps = [prunable]
    for target in targets:
        before = keeps[-1]
        if not 1 <= target < before:
            raise ValueError(f"targets={[*targets]}: {target} must be 1 or more, and less than {before}")
        levels = ceil(log(target / before) / log1p(-rate) - 1e-9)
        keeps += [*(round(before * (target / before) ** (level / levels)) for level in range(1, levels)), target]
    return strictly_falling(keeps, f"rate={rate:.4g}")


def implied_rate(prunable: int, target: int, levels: int) -> float:
    """The share removed per level that leads from `prunable` to `target` in `levels` prunings: 1 − (T/N)^(1/L).

    Without a level nothing is removed: 0. Raises ValueError when no such fall exists.
    """
    _check_given(prunable, None, target, levels)
    if levels == 0 and target != prunable:
        raise ValueError(f"levels=0 and target={target}: without a pruning the target can only be {prunable}")
    if prunable - target < levels:
        raise ValueError(
            f"levels={levels} and target={target}: each level removes one parameter or more, "
            f"and from {prunable} to {target} only {prunable - target} can go"
        )
    return 1 - (target / prunable) ** (1 / levels) if levels else 0.0


def in_rounds(before: int, keep: int, rounds: int) -> tuple[int, ...]:
    """The keeps of one pruning that is cut into rounds: before · (keep / before)^(i / rounds), the last one exactly."""
    falling = [round(before * (keep / before) ** (i / rounds)) for i in range(1, rounds)]
    return (*(count for count in falling if keep < count < before), keep)


def halving(dense: int, last: int, number: int) -> int:
    """What is left after pruning 1, 2, …: half of the dense count, and then half as far from the last one each time.

    last + (dense / 2 − last) / 2^(number − 1), and never below `last`. Source: Verdenius et al., Pruning via Iterative
    Ranking of Sensitivity Statistics, 2020.
    """
    return max(last, last + round((dense / 2 - last) / 2 ** (number - 1)))


def strictly_falling(keeps: list[int], given: str) -> tuple[int, ...]:
    """`keeps` as a tuple if each is below the one before and none is below 1; else ValueError that quotes `given`."""
    for level, (before, after) in enumerate(pairwise(keeps), start=1):
        if after >= before:
            raise ValueError(f"{given}: level {level} would keep {after} of {before}, but each level must remove some")
    if keeps[-1] < 1:
        last = next(level for level, keep in enumerate(keeps) if keep < 1)
        raise ValueError(f"{given}: level {last} would keep no parameter of {keeps[0]}, but one must be left")
    return tuple(keeps)


def _until(prunable: int, rate: float, target: int) -> tuple[int, ...]:
    """Falls at `rate` to the first level that reaches `target`, which is then met exactly."""
    keeps = [prunable]
    while keeps[-1] > target:
        keeps.append(max(_keep(prunable, rate, len(keeps)), target))
        if keeps[-1] == keeps[-2]:
            raise ValueError(
                f"rate={rate:.4g} and target={target}: level {len(keeps) - 1} would keep all the {keeps[-1]} "
                f"parameters left, the rate is too small to reach the target"
            )
    return tuple(keeps)


def _keep(prunable: int, rate: float, level: int) -> int:
    return round(prunable * (1 - rate) ** level)


def _check_given(prunable: int, rate: float | None, target: int | None, levels: int | None) -> None:
    if prunable < 1:
        raise ValueError(f"prunable={prunable}: there must be 1 prunable parameter or more")
    if [rate, target, levels].count(None) != 1:
        raise ValueError(f"rate={rate}, target={target}, levels={levels}: exactly two of the three must be given")
    if rate is not None and not 0 < rate < 1:
        raise ValueError(f"rate={rate}: the share removed per level lies strictly between 0 and 1")
    if target is not None and not 1 <= target <= prunable:
        raise ValueError(f"target={target}: the final count lies between 1 and the {prunable} prunable parameters")
    if levels is not None and levels < 0:
        raise ValueError(f"levels={levels}: the number of prunings is 0 or more")
