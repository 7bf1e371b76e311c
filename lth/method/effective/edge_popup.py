"""The edges with the highest learned scores, over weights that stay as they were drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.chosen import check_frozen, gated, highest
from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.state import State


@dataclass(frozen=True)
class EdgePopup(Effective):
    """w · [s is among its layer's highest], with learned scores s, from |w|; the gradient goes straight through: w.

    As many are chosen as the next pruning leaves. `signed`: sign(w)·σ_layer instead of w. `rescaled`: each layer times
    its size over how many are chosen. Source: Ramanujan et al., What's Hidden in a Randomly Weighted Neural Network?,
    2020.
    """

    signed: bool = False
    rescaled: bool = False
    trained = ("scores",)
    still = True
    aims = True

    def check(self, fit: Fit) -> None:
        """See `check_frozen`; and the criterion must choose as this does."""
        check_frozen(fit)
        if fit.method.scope != "layerwise" or fit.method.criterion.open:
            raise ValueError("chooses layer by layer: use it with pruning.scope=layerwise and counts that are given")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """`scores` (R, size), the sizes of the weights."""
        return {"scores": weight.abs()}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:  # noqa: ARG002
        """The chosen weights, the others 0."""
        scores = raw["scores"]
        chosen = highest(scores.detach(), raw["mask"], raw["goal"], layout).to(scores.dtype)
        return gated(raw, chosen + (scores - scores.detach()), layout, self.signed, self.rescaled)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The same; all of them where no score has learned anything."""
        chosen = highest(raw["scores"], raw["mask"], raw["goal"], layout) | (raw["steps"] == 0)[:, None]
        return gated(raw, chosen.to(raw["scores"].dtype), layout, self.signed, self.rescaled)
