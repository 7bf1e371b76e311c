"""What a penalty sees and what it gives."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor

from lth.method.fit import Part
from lth.method.layout import Layout


class Penalty(Part, ABC):
    """A term that is added to each seed's loss."""

    @abstractmethod
    def penalty(self, raw: Mapping[str, Tensor], mask: Tensor, layout: Layout) -> Tensor:
        """The penalty (R,) of each seed, differentiable in what is trained; a seed's does not depend on the others.

        `raw` is the state by name: weight (R, W), what effective weights add, the `steps` (R,) of each seed so far, …;
        `computed` (R, W) are the weights that this step's network computes with, `batches` and `observations` () the
        steps of an epoch and the log-likelihoods (samples times tasks) that the loss is the mean of;
        only unpruned weights, `mask` (R, W), count. W is the size of the layout or more: rows may be padded with
        zeros, which the mask leaves out, as it does biases.
        """
