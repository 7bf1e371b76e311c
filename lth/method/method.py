"""A way to find a sparse network, in its parts."""

from dataclasses import dataclass
from typing import Literal

from lth.method.clock.clock import Clock
from lth.method.criterion.criterion import Criterion
from lth.method.effective.effective import Effective
from lth.method.penalty.penalty import Penalty
from lth.method.restart.restart import Restart
from lth.method.step.step import Step


@dataclass(frozen=True)
class Method:
    """When to prune (clock), which go (criterion, within a scope, biases among them or not), where the others restart.

    `step`, `effective` and `penalty` act while it trains; None where a method has none. Built once, when a
    configuration is composed, and handed on as it is.
    """

    clock: Clock
    criterion: Criterion
    restart: Restart
    scope: Literal["global", "layerwise"] = "global"
    biases: bool = False
    step: Step | None = None
    effective: Effective | None = None
    penalty: Penalty | None = None
