"""Neurons change places where that makes connections shorter."""

# ruff: noqa: ARG002 - a hook uses only what it needs

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.layout import Layout
from lth.method.positions import SHIFT, positions
from lth.method.ranges import at_least
from lth.method.state import State
from lth.method.step.step import Step

_ROUNDING = 1e-9  # a gain below it may be none


@dataclass(frozen=True)
class Swaps(Step):
    """Every so many steps the `top` hidden neurons of each layer change places with others, for Σ |w_ij| · |x_j − y_i|.

    The top ones have the largest Σ|w|, incoming and outgoing; each swaps with the neuron that lowers the sum most, if
    any does. Places alone are swapped, so the network stays as it is. Raises ValueError unless both are 1 or more.
    Source: Liu et al., Seeing is Believing: Brain-Inspired Modular Training for Mechanistic Interpretability, 2023.
    """

    every: int = 200
    top: int = 10
    still = True

    def __post_init__(self) -> None:
        at_least(1, self, "every", "top")

    def begin(self, weight: Tensor) -> State:
        """Every neuron in its own place."""
        return {SHIFT: torch.zeros_like(weight)}

    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Nothing."""

    def after(self, state: State, before: Tensor, layout: Layout) -> None:
        """Swap, where it is time."""
        for place, steps in enumerate(state["steps"].tolist()):
            if (steps + 1) % self.every == 0:
                one = {name: state[name][place : place + 1] for name in ("weight", SHIFT)}
                for layer in range(layout.depth - 1):
                    self._swap(one, layer, layout)

    def _swap(self, one: State, layer: int, layout: Layout) -> None:
        """Swap neurons of the hidden layer that the weights of `layer` lead to, of one seed, in place."""
        incoming, outgoing = (layout.weight(one["weight"], n)[0].abs().double() for n in (layer, layer + 1))
        where = [found[0].double() for found in positions(one, layout)[layer : layer + 3]]
        neurons, shift = len(incoming), layout.bias(one[SHIFT], layer)[0]
        slot = (torch.arange(neurons, device=shift.device) + shift).long()
        slots = (torch.arange(neurons, dtype=torch.float64, device=shift.device) + 0.5) / neurons
        cost = incoming @ (slots[None] - where[0][:, None]).abs() + outgoing.T @ (slots[None] - where[2][:, None]).abs()
        order = torch.argsort(incoming.sum(dim=1) + outgoing.sum(dim=0), descending=True, stable=True)
        for neuron in order[: self.top].tolist():
            own = cost.gather(1, slot[:, None])[:, 0]  # what each neuron costs where it is
            change = cost[neuron, slot] + cost[:, slot[neuron]] - own[neuron] - own
            other = int(change.argmin())
            if change[other] < -_ROUNDING:
                slot[[neuron, other]] = slot[[other, neuron]]
        shift.copy_(slot - torch.arange(neurons, device=shift.device))
