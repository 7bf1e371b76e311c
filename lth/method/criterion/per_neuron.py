"""Every neuron gives its smallest incoming weights."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit


@dataclass(frozen=True)
class PerNeuron(Criterion):
    """Keep weights that are large among their neuron's: its share of unpruned incoming weights that are not larger.

    So every neuron gives the same share of its own, what targeted dropout hits. Source: Gomez et al., Learning Sparse
    Networks Using Targeted Dropout, 2019.
    """

    def check(self, fit: Fit) -> None:
        """Biases are not among a neuron's incoming weights."""
        if fit.method.biases:
            raise ValueError("ranks incoming weights: use it with pruning.biases=false")

    def score(self, weights: Candidates) -> Tensor:
        """Shares (R, N) float64, above 0 and 1 at most; pruned ones 0."""
        found, widths = [], weights.whole.layout.widths
        blocks = zip(*(part.split(list(weights.sizes), dim=1) for part in (weights.trained, weights.mask)), strict=True)
        for (trained, mask), fan_in in zip(blocks, widths, strict=False):
            magnitude, unpruned = (part.unflatten(1, (-1, fan_in)) for part in (trained.abs(), mask))
            ranks = torch.where(unpruned, magnitude, -1).argsort(dim=2, stable=True).argsort(dim=2)
            left = unpruned.sum(dim=2, keepdim=True)
            shares = (ranks - (fan_in - left) + 1).double() / left.clamp(min=1)
            found.append(torch.where(unpruned, shares, 0).flatten(1))
        return torch.cat(found, dim=1)
