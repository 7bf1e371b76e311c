"""A new start."""

# ruff: noqa: ARG002 - a rule uses only what it needs

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Restart


@dataclass(frozen=True)
class Reinit(Restart):
    """Random reinitialisation, the control that tells a ticket's mask from its values.

    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019.
    """

    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """Newly drawn values."""
        return fresh().clone()
