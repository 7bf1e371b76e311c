"""Back to the start."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Reset(Restart):
    """Back to the initialisation. Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019."""

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)

    def restart(self, stack: Pruned) -> Tensor:
        """The anchor, which is the initialisation."""
        return stack.anchor.clone()
