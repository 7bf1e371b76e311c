"""Keeps what carries much from the inputs to the outputs, whatever the data."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion
from lth.method.fit import Fit
from lth.method.ranges import at_least


@dataclass(frozen=True)
class Synflow(Criterion):
    """Keep the largest |w| · ∂R/∂|w| with R = 1ᵀ |W_L| … |W_1| 1, in `rounds`; no data, biases zero, in float64.

    That is |w_ij| times what the inputs bring to j times what of i reaches the outputs; each layer's sum up to R.
    Raises ValueError unless rounds >= 1. Source: Tanaka et al., Pruning Neural Networks without any Data by Iteratively
    Conserving Synaptic Flow, 2020.
    """

    rounds: int = 100

    def __post_init__(self) -> None:
        at_least(1, self, "rounds")

    def check(self, fit: Fit) -> None:
        """Weights alone have a flow."""
        if fit.method.biases:
            raise ValueError("biases have no flow and would all go first: pruning.biases must be false")

    def score(self, weights: Candidates) -> Tensor:
        """The flows (R, N) float64."""
        network, found = weights.whole, []
        for row in (network.state["weight"] * network.state["mask"]).double().abs():
            layers = [network.layout.weight(row[None], layer)[0] for layer in range(network.layout.depth)]
            brought, reached = [row.new_ones(layers[0].shape[1])], [row.new_ones(layers[-1].shape[0])]
            for layer in layers[:-1]:
                brought.append(layer @ brought[-1])
            for layer in layers[:0:-1]:
                reached.append(layer.T @ reached[-1])
            flows = zip(layers, brought, reversed(reached), strict=True)
            found.append(torch.cat([(layer * end[:, None] * start).flatten() for layer, start, end in flows]))
        return torch.stack(found)
