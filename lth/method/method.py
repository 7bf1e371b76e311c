"""A way to find a sparse network, in its parts."""

from dataclasses import dataclass
from typing import Literal

from lth.method.clock.clock import Clock
from lth.method.criterion.criterion import Criterion
from lth.method.effective.effective import Effective
from lth.method.fit import Part
from lth.method.learning_rate.learning_rate import LearningRate
from lth.method.penalty.penalty import Penalty
from lth.method.restart.restart import Restart
from lth.method.step.step import Step


@dataclass(frozen=True)
class Method:
    """When to prune (clock), which go (criterion, within a scope, biases among them or not), where the others restart.

    Where the scope is the layers, the output layer loses `output_factor` times the share that the others lose.
    `step`, `effective` and `penalty` act while it trains, and so does the learning rate's schedule; None where there is
    none. Built once, when a configuration is composed, and handed on as it is.
    """

    clock: Clock
    criterion: Criterion
    restart: Restart
    scope: Literal["global", "layerwise"] = "global"
    biases: bool = False
    output_factor: float = 1.0
    step: Step | None = None
    effective: Effective | None = None
    penalty: Penalty | None = None
    learning_rate: LearningRate | None = None

    @property
    def parts(self) -> dict[str, Part]:
        """The parts there are, by the configuration's groups."""
        found = {
            "pruning.clock": self.clock, "pruning.criterion": self.criterion, "pruning.rewind": self.restart,
            "pruning.step": self.step, "pruning.effective": self.effective, "penalty": self.penalty,
        }  # fmt: skip
        return {group: part for group, part in found.items() if part is not None}
