"""Back to a point early in training."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Late(Restart):
    """Back to the values after `step` optimisation steps (0: a reset). Raises ValueError for a negative step.

    Source: Frankle et al., Stabilizing the Lottery Ticket Hypothesis, 2019.
    """

    step: int
    carried: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if self.step < 0:
            raise ValueError(f"step={self.step}: the step to rewind to is 0 or more")

    def restart(self, stack: Pruned) -> Tensor:
        """The anchor, taken at `step`."""
        return stack.anchor.clone()
