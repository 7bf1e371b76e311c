"""Bounds for what is trained."""

# ruff: noqa: ARG002 - a hook uses only what it needs

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.state import State
from lth.method.step.step import Step


@dataclass(frozen=True)
class Bounds(Step):
    """After every step what leaves low … high, of the trained tensor with this `name`, is put back to the bound.

    Raises ValueError unless low < high, and where the effective weights train no such tensor. Source: Louizos et al.,
    Learning Sparse Neural Networks through L0 Regularization, 2018, whose log α stays within log 0.01 and log 100.
    """

    name: str
    low: float
    high: float
    still = True

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low={self.low}, high={self.high}: must rise")

    def check(self, fit: Fit) -> None:
        """There must be such a tensor."""
        trained = ("weight",) if fit.method.effective is None else fit.method.effective.trained
        if self.name not in trained:
            raise ValueError(f"name={self.name}: must be one of {', '.join(trained)}")

    def begin(self, weight: Tensor) -> State:
        """Nothing of its own."""
        return {}

    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Nothing."""

    def after(self, state: State, before: Tensor, layout: Layout) -> None:
        """Put back what has left."""
        state[self.name].clamp_(self.low, self.high)
