"""Dropout that hits the weights that pruning would take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.effective.effective import Effective
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.ranges import at_least
from lth.method.state import State

EARLY = 0.95  # the share of the targets that there are after half of the ramp


@dataclass(frozen=True)
class TargetedDropout(Effective):
    """In every step, each of a neuron's γ·n smallest incoming weights is 0 with probability `rate`; n are unpruned.

    γ is the `share`, or, where it is None, what the next pruning takes; it rises from 0 to 95 % of that over half of
    the `ramp`, in steps since the values were set, and to all of it over the other half. Nothing is rescaled, and what
    is measured has nothing dropped. With `neurons` whole hidden neurons are hit instead: of each layer the γ·n with
    the smallest incoming weights, by their L2 norm. Raises ValueError unless 0 < rate <= 1, 0 < share <= 1 and ramp >=
    0. Source: Gomez et al., Learning Sparse Networks Using Targeted Dropout, 2019.
    """

    rate: float = 0.66
    share: float | None = None
    ramp: int = 1000
    neurons: bool = False
    trained = ("weight",)
    still = True
    aims = True

    def __post_init__(self) -> None:
        if not (0 < self.rate <= 1 and (self.share is None or 0 < self.share <= 1)):
            raise ValueError(f"rate={self.rate}, share={self.share}: must be above 0, and 1 at most (share: or null)")
        at_least(0, self, "ramp", unit="steps")

    def check(self, fit: Fit) -> None:
        """Without a share it needs counts to aim for."""
        if self.share is None and fit.method.criterion.open:
            raise ValueError("share=null: needs counts that are given; with this criterion say pruning.effective.share")

    def begin(self, weight: Tensor, layout: Layout) -> State:  # noqa: ARG002
        """Nothing of its own."""
        return {}

    def weights(self, raw: Mapping[str, Tensor], layout: Layout, streams: Sequence[torch.Generator]) -> Tensor:
        """The weights without those that are dropped; every seed draws in the order of its canonical row."""
        weight, hit = raw["weight"], self.targets(raw, layout)
        lots = torch.ones_like(hit, dtype=torch.float32)
        for row, stream in zip(lots, streams, strict=True):
            row[: layout.size] = torch.rand(layout.size, generator=stream).to(row)
        if self.neurons:  # the first incoming weight's lot is its neuron's
            for layer in range(layout.depth - 1):
                block = layout.weight(lots, layer)
                block.copy_(block[:, :, :1].clone().expand_as(block))
        return torch.where(hit & (lots < self.rate), 0, weight)

    def measured(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:  # noqa: ARG002
        """The weights."""
        return raw["weight"]

    def targets(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """Which weights (R, W) bool may be dropped at this step."""
        weight, mask = raw["weight"].detach(), raw["mask"]
        share, hit = self._share(raw, layout), torch.zeros_like(mask)
        for layer in range(layout.depth):
            block, unpruned = layout.weight(weight, layer), layout.weight(mask, layer)
            if not self.neurons:
                sizes = torch.where(unpruned, block.abs(), torch.inf)
                found = _smallest(sizes, (share[:, None] * unpruned.sum(dim=2)).floor()) & unpruned
            elif layer < layout.depth - 1:
                alive = unpruned.any(dim=2)
                norms = torch.where(alive, (block * unpruned).square().sum(dim=2), torch.inf)
                found = _smallest(norms, (share * alive.sum(dim=1)).floor())[:, :, None] & unpruned
            else:
                continue
            layout.weight(hit, layer).copy_(found)
        return hit

    def _share(self, raw: Mapping[str, Tensor], layout: Layout) -> Tensor:
        """γ of every seed at its step, (R,)."""
        left = raw["mask"][:, layout.prunable(False).to(raw["mask"].device)].sum(dim=1)
        full = (
            1 - (raw["goal"] / left).clamp(max=1) if self.share is None else torch.full_like(left.double(), self.share)
        )
        half = self.ramp / 2
        early = (raw["steps"] / half).clamp(max=1) if half else 1.0
        late = ((raw["steps"] - half) / half).clamp(min=0, max=1) if half else 1.0
        return full * (EARLY * early + (1 - EARLY) * late)


def _smallest(values: Tensor, count: Tensor) -> Tensor:
    """Which of the last axis are among its `count` smallest; among equal ones the earlier is."""
    order = torch.sort(values, dim=-1, stable=True).indices
    below = torch.arange(values.shape[-1], device=values.device).expand_as(order) < count[..., None]
    return torch.zeros_like(below).scatter(-1, order, below)
