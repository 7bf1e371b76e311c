"""On from where training ended, by the schedule of the start."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class LearningRateRewinding(Restart):
    """Survivors keep their trained values, the optimiser starts afresh, the learning rate replays from `step` on.

    With a constant learning rate it is fine-tuning. Raises ValueError for a negative step. Source: Renda et al.,
    Comparing Rewinding and Fine-tuning in Neural Network Pruning, 2020.
    """

    step: int = 0
    carried: bool = field(default=False, init=False)
    rewinds = False

    def __post_init__(self) -> None:
        if self.step < 0:
            raise ValueError(f"step={self.step}: the step to replay from is 0 or more")

    def restart(self, stack: Pruned) -> Tensor:
        """The trained values."""
        return stack.trained.clone()
