"""The keeps of a configuration once its dataset is known, or why there are none."""

from itertools import pairwise
from math import log, log1p
from typing import Any

from lth.method.extension import Ladder
from lth.method.schedule import meeting, strictly_falling, trajectory
from lth.settings.errors import ConfigurationError, from_value_error
from lth.settings.pruning import MOST_LEVELS, ByLayer, Extension, ThroughDensities, ToDensity
from lth.settings.schema import Settings

MOST_PARAMETERS = 10**9
_RUNGS = 12  # of a ladder that are listed below a size that is none of them


def shape(settings: Settings, inputs: int, outputs: int) -> tuple[int, ...]:
    """Neurons of every layer, inputs and outputs included."""
    return (inputs, *settings.model.layers, outputs)


def keeps(settings: Settings, inputs: int, outputs: int) -> tuple[int, ...]:
    """The prunable parameters left at every level of a network with so many inputs and outputs.

    Raises ConfigurationError where there is no such trajectory: off the ladder, target above the count, and so on.
    """
    schedule, prunable = settings.pruning.schedule, _prunable(settings, inputs, outputs)
    if isinstance(schedule, Extension):
        return _on_ladder(settings, ladder(settings, inputs, outputs))
    if isinstance(schedule, ByLayer):
        return _by_layer(settings, schedule, inputs, outputs)
    if isinstance(schedule, ToDensity):
        target = left(prunable, schedule.density)
        _check_levels(prunable, target, schedule.rate)
        return _falling(prunable, {"rate": schedule.rate, "target": target})
    if isinstance(schedule, ThroughDensities):
        return _through(prunable, schedule)
    if schedule.rate is not None and schedule.target is not None:
        _check_levels(prunable, schedule.target, schedule.rate)
    return _falling(prunable, schedule.model_dump())


def _by_layer(settings: Settings, schedule: ByLayer, inputs: int, outputs: int) -> tuple[int, ...]:
    """What is left in all layers together, each of which falls at its own rate."""
    every = _sizes(settings, inputs, outputs)
    hidden, last = sum(every[:-1]), every[-1]
    counts = [
        round(hidden * (1 - schedule.rate) ** level + last * (1 - schedule.output_rate) ** level)
        for level in range(schedule.levels + 1)
    ]
    given = schedule.model_dump()
    try:
        return strictly_falling(counts, ", ".join(f"{key}={value}" for key, value in given.items()))
    except ValueError as error:
        raise from_value_error(error, "pruning.schedule", given) from None


def _through(prunable: int, schedule: ThroughDensities) -> tuple[int, ...]:
    targets = [left(prunable, density) for density in schedule.densities]
    _check_targets(prunable, schedule.densities, targets)
    _check_levels(prunable, targets[-1], schedule.rate)
    try:
        return meeting(prunable, schedule.rate, targets)
    except ValueError as error:
        raise from_value_error(error, "pruning.schedule", schedule.model_dump()) from None


def _check_targets(prunable: int, densities: tuple[float, ...], targets: list[int]) -> None:
    """Densities fall, but what they leave of few parameters need not."""
    key = "pruning.schedule.densities"
    if targets[0] == prunable:
        allowed = f"{densities[0]} keeps all {prunable} parameters, but each density must remove some"
        raise ConfigurationError(key, densities, allowed)
    for (before, many), (after, as_many) in pairwise(zip(densities, targets, strict=True)):
        if as_many == many:
            allowed = f"{before} and {after} keep equally many parameters: {many} of {prunable}"
            raise ConfigurationError(key, densities, allowed)


def left(prunable: int, density: float) -> int:
    """The parameters that a share of all of them is."""
    return max(1, round(prunable * density))


def _falling(prunable: int, given: dict[str, Any]) -> tuple[int, ...]:
    try:
        return trajectory(prunable, **given)
    except ValueError as error:
        raise from_value_error(error, "pruning.schedule", given) from None


def ladder(settings: Settings, inputs: int, outputs: int) -> Ladder:
    """The ladder of hidden sizes of this schedule and depth. Raises ConfigurationError when the schedule has none."""
    schedule = settings.pruning.schedule
    if not isinstance(schedule, Extension):
        raise ConfigurationError("model.hidden", settings.model.hidden, "a ladder needs pruning/schedule=extension")
    return Ladder(schedule.base, schedule.rate, len(settings.model.layers), inputs, outputs)


def rungs(ladder: Ladder, first: int, last: int) -> tuple[int, ...]:
    """The sizes of the ladder from `first` to `last`; ConfigurationError naming the nearest for an end off it."""
    for hidden in (first, last):
        _check_rung(ladder, hidden)
    return ladder.span(first, last)


def nearest_rung(ladder: Ladder, hidden: int) -> int:
    """The rung whose size is nearest to `hidden`, which need not be one of the ladder's."""
    return max(0, round(log(ladder.weights(hidden) / ladder.weights(ladder.base)) / -log1p(-ladder.rate)))


def _on_ladder(settings: Settings, ladder: Ladder) -> tuple[int, ...]:
    hidden = settings.model.layers[0]
    _check_rung(ladder, hidden)
    try:
        counts = ladder.keeps(hidden, biases=settings.pruning.biases)
    except ValueError as error:
        raise ConfigurationError("pruning.schedule.rate", ladder.rate, str(error)) from None
    schedule = settings.pruning.schedule
    assert isinstance(schedule, Extension)
    return _down_to(counts, schedule.target)


def _down_to(counts: tuple[int, ...], target: int | None) -> tuple[int, ...]:
    if target is None:
        return counts
    if target not in counts:
        raise ConfigurationError("pruning.schedule.target", target, f"must be one of {', '.join(map(str, counts))}")
    return counts[: counts.index(target) + 1]


def _check_rung(ladder: Ladder, hidden: int) -> None:
    _check_levels(ladder.weights(hidden), ladder.weights(ladder.base), ladder.rate)
    try:
        ladder.rung_of(hidden)
    except ValueError as error:
        allowed = f"{str(error).removeprefix(f'hidden={hidden} is ')}; {_rungs_of(ladder, hidden)}"
        raise ConfigurationError("model.hidden", hidden, allowed) from None


def _rungs_of(ladder: Ladder, hidden: int) -> str:
    """The sizes that this depth and these data have around a size that is none of them, and what takes any."""
    last = nearest_rung(ladder, hidden) + 2
    sizes = [ladder.hidden(rung) for rung in range(max(0, last - _RUNGS), last + 1)]
    place = f"with depth {ladder.depth}, {ladder.d_in} inputs and {ladder.d_out} outputs"
    free = f"pruning/schedule=geometric pruning.schedule.rate={ladder.rate:g} pruning.schedule.target="
    listed = ", ".join(map(str, sizes))
    before = "…, " if last > _RUNGS else ""
    return f"{place} the rungs are {before}{listed}, …; any size goes with {free}{ladder.weights(ladder.base)}"


def _check_levels(largest: int, smallest: int, rate: float) -> None:
    """A rate that needs millions of levels is refused before anybody counts them one by one."""
    if log(largest / smallest) / -log1p(-rate) > MOST_LEVELS:
        allowed = f"from {largest} to {smallest} takes more than the {MOST_LEVELS} levels allowed; must be higher"
        raise ConfigurationError("pruning.schedule.rate", rate, allowed)


def _sizes(settings: Settings, inputs: int, outputs: int) -> list[int]:
    """The prunable parameters of every layer."""
    return [(a + settings.pruning.biases) * b for a, b in pairwise(shape(settings, inputs, outputs))]


def _prunable(settings: Settings, inputs: int, outputs: int) -> int:
    count = sum(_sizes(settings, inputs, outputs))
    if count > MOST_PARAMETERS:
        allowed = f"gives {count} prunable parameters; at most {MOST_PARAMETERS} are allowed"
        raise ConfigurationError("model.hidden", settings.model.hidden, allowed)
    return count
