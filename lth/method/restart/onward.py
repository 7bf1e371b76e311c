"""On from where training ended."""

# ruff: noqa: ARG002 - a rule uses only what it needs

from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Restart


@dataclass(frozen=True)
class Onward(Restart):
    """No rewinding: survivors keep their trained values; the optimiser starts afresh, or goes on when it is `carried`.

    Source: Renda et al., Comparing Rewinding and Fine-tuning, 2020 (learning-rate rewinding from step 0).
    """

    step: int = field(default=0, init=False)
    carried: bool = False

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """The trained values."""
        return trained.clone()
