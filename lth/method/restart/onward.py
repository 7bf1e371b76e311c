"""On from where training ended."""

from dataclasses import dataclass, field

from torch import Tensor

from lth.method.restart.restart import Pruned, Restart


@dataclass(frozen=True)
class Onward(Restart):
    """No rewinding: survivors keep their trained values; the optimiser starts afresh, or goes on when it is `carried`.

    This is fine-tuning: the learning rate does not start again. Source: Renda et al., Comparing Rewinding and
    Fine-tuning, 2020.
    """

    step: int = field(default=0, init=False)
    carried: bool = False
    rewinds = False
    replays = False

    def restart(self, stack: Pruned) -> Tensor:
        """The trained values."""
        return stack.trained.clone()
