"""What a penalty sees and what it gives."""

from abc import ABC, abstractmethod

from torch import Tensor


class Penalty(ABC):
    """A term that is added to each seed's loss."""

    @abstractmethod
    def penalty(self, weights: Tensor, mask: Tensor) -> Tensor:
        """The penalty (R,) of each seed, differentiable in `weights` (R, W); only unpruned ones, `mask` (R, W), count.

        It is 0 or more, even in every weight, and a seed's value and gradient do not depend on the other seeds.
        """
