"""A new start."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Reinit(Restart):
    """Random reinitialisation, the control that tells a ticket's mask from its values.

    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019.
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)

    def restart(self, stack: Pruned) -> Tensor:
        """Newly drawn values."""
        return stack.fresh().clone()
