"""How often each weight has changed its sign."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.ranges import at_least
from lth.method.state import State
from lth.method.step.noise import Noise
from lth.method.step.step import Step

FLIPS = "flips"


@dataclass(frozen=True)
class Flips(Step):
    """flips ← flips + [sign(w_t) = −sign(w_{t−1})] · mask after every step of the optimiser, over all levels.

    To leave 0 is no flip, or biases that start there would all flip at once. With `noise` > 0 the gradients get Noise
    of that scale first, as in FlipOut. Raises ValueError unless noise >= 0. Source: Apostol et al., FlipOut: Uncovering
    Redundant Weights via Sign Flipping, 2020.
    """

    noise: float = 0.0
    still = False  # noise moves what has no gradient

    def __post_init__(self) -> None:
        at_least(0, self, "noise")

    def begin(self, weight: Tensor) -> State:
        """`flips` (R, size), none so far."""
        return {FLIPS: torch.zeros_like(weight)}

    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Add the noise, if any."""
        if self.noise:
            Noise(self.noise).before(state, gradient, layout, streams)

    def after(self, state: State, before: Tensor, layout: Layout) -> None:  # noqa: ARG002
        """Count."""
        state[FLIPS] += (state["weight"].sign() * before.sign() < 0) & state["mask"]


def check_flips(fit: Fit) -> None:
    """Raise ValueError where nothing counts the flips."""
    if not isinstance(fit.method.step, Flips):
        raise ValueError("ranks by flips, which nothing counts: use it with pruning/step=flips")
