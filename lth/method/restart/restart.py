"""What a rule for the values after a pruning is."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from torch import Tensor


class Restart(ABC):
    """A rule for the values that a segment starts with, after its pruning.

    `step` is the optimisation step of the dense level after which the anchor is taken; 0 is the initialisation.
    `carried`: the optimiser goes on with what it remembers, else it starts afresh.
    """

    step: int
    carried: bool

    @abstractmethod
    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """New values (R, size), from what the last segment `trained` and the `anchor`, both (R, size).

        `fresh()` draws newly initialised values (R, size), each seed's keyed by its seed and level alone; it is called
        only by rules that need it. The result is a copy, unmasked.
        """
