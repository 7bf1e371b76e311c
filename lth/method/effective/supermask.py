"""A mask drawn by learned probabilities, over weights that stay as they were drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.chosen import check_frozen, gated, highest
from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.ranges import above_zero
from lth.method.state import State


@dataclass(frozen=True)
class Supermask(Effective):
    """w · Bernoulli(σ(a·s + b)) with learned scores s, from 0; its gradient is that of the expectation, w · σ(a·s + b).

    `sharpness` is a. Where it is `aimed`, b = ln(r / (1 − r)) with r the share that the next pruning leaves, and the
    highest scores of each layer, that share of them, are measured. Else b = 0, and those above 0 are: for a criterion
    with threshold 0. `signed`: sign(w)·σ_layer instead of w. `rescaled`: each layer times its size over its ones.
    Raises ValueError unless sharpness > 0. Source: Zhou et al., Deconstructing Lottery Tickets, 2019.
    """

    sharpness: float = 10.0
    aimed: bool = True
    signed: bool = False
    rescaled: bool = True
    trained = ("scores",)
    still = True
    aims = True

    def __post_init__(self) -> None:
        above_zero(self, "sharpness")

    def check(self, fit: Fit) -> None:
        """See `check_frozen`; and the criterion must choose as this does."""
        check_frozen(fit)
        if self.aimed != (fit.method.criterion.threshold is None):
            raise ValueError(f"aimed={self.aimed}: must be true without pruning.criterion.threshold, and false with it")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """`scores` (R, size), zeros."""
        return {"scores": torch.zeros_like(weight)}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """The weights under a mask that each seed draws from its own stream."""
        logits = self.sharpness * raw["scores"]
        if self.aimed:
            logits = logits + self._lean(raw, layout)[:, None]
        ones = torch.sigmoid(logits)
        lots = torch.zeros_like(ones)
        for row, stream in zip(lots, streams, strict=True):
            row[: layout.size] = torch.rand(layout.size, generator=stream).to(row)
        drawn = (lots < ones).to(ones.dtype)
        return gated(raw, drawn + (ones - ones.detach()), layout, self.signed, self.rescaled)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """The weights under the mask that a pruning would leave; all of them where no score has learned anything."""
        scores = raw["scores"]
        chosen = highest(scores, raw["mask"], raw["goal"], layout) if self.aimed else scores >= 0
        return gated(raw, (chosen | (raw["steps"] == 0)[:, None]).to(scores.dtype), layout, self.signed, self.rescaled)

    def _lean(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        left = raw["mask"][:, layout.prunable(biases=False).to(raw["mask"].device)].sum(dim=1)
        return torch.logit((raw["goal"] / left).to(raw["scores"].dtype), eps=1e-3)
