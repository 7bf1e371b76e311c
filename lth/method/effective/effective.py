"""What a map from raw parameters to effective weights is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lth.method.fit import Part
from lth.method.layout import Layout
from lth.method.state import State


class Effective(Part, ABC):
    """An elementwise map from raw parameters (and noise) to the weights that the network computes with.

    The network's gradient by its effective weights is pulled back through this map alone. `trained` names the tensors
    of the state that the optimiser moves; `still` is as for a Step. `dense`: pruned weights need not be 0 in what the
    network computes with. `common` are trained tensors that are not one number for each weight, but numbers that the
    weights of a seed have in common, in the first places of a row: they move whatever is pruned. `raw` holds the state
    by name, the anchor, the mask and the `steps` (R,) since the segment's values were set among them; its rows (R, W)
    may be longer than the layout, padded with zeros. `aims`: so is the `goal` (R,), how many prunable parameters the
    next pruning leaves, or all that are left where none follows.
    """

    trained: tuple[str, ...]
    still: bool
    dense: bool = False
    common: tuple[str, ...] = ()
    aims: bool = False

    @abstractmethod
    def begin(self, weight: Tensor, layout: Layout) -> State:
        """The tensors of its own, by name, that a seed starts its first segment with."""

    @abstractmethod
    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """The weights (R, W) of a training step, differentiable in the trained ones of `raw`."""

    @abstractmethod
    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The weights (R, W) that are measured and recorded: no noise."""
