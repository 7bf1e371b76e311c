"""Noise on the gradients, as strong as they are."""

# ruff: noqa: ARG002 - a hook uses only what it needs

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.layout import Layout
from lth.method.ranges import above_zero
from lth.method.state import State
from lth.method.step.step import Step


@dataclass(frozen=True)
class Noise(Step):
    """g ← g + ε with ε ~ N(0, scale² · ‖g_l‖² / n_l), for the weights and the biases of every layer l apart.

    n_l counts pruned entries, whose gradients are 0, so the noise fades with density. Raises ValueError unless
    scale > 0. Source: Apostol et al., FlipOut: Uncovering Redundant Weights via Sign Flipping, 2020.
    """

    scale: float = 1.0
    still = False

    def __post_init__(self) -> None:
        above_zero(self, "scale")

    def begin(self, weight: Tensor) -> State:
        """Nothing of its own."""
        return {}

    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Add the noise; every seed draws in the order of its canonical row."""
        for row, stream in zip(gradient, streams, strict=True):
            for part in layout.parts(row):
                deviation = self.scale * part.square().mean().sqrt()
                drawn = torch.randn(part.shape, generator=stream, dtype=part.dtype)
                part += (deviation * drawn.to(part.device)).view_as(part)

    def after(self, state: State, before: Tensor, layout: Layout) -> None:
        """Nothing."""
