"""What a step hook sees and what it may do."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lth.method.fit import Part
from lth.method.layout import Layout
from lth.method.state import State


class Step(Part, ABC):
    """Acts on the flat buffers (R, size) of all seeds that train, in place, around every optimisation step.

    A seed's numbers may depend on that seed alone. `still` tells whether a parameter without gradient stays where it
    is: only then may neurons that reach no output be left out.
    """

    still: bool

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        if not hasattr(cls, "still"):
            raise TypeError(f"{cls.__name__} must say whether it is still: does a weight without gradient stay?")

    @abstractmethod
    def begin(self, weight: Tensor) -> State:
        """The tensors of its own, by name, that seeds start with: (R, size) as weight is, or (R,) a number for each."""

    @abstractmethod
    def before(self, state: State, gradient: Tensor, layout: Layout, streams: Sequence[torch.Generator]) -> None:
        """Change the gradient (R, size) before the optimiser sees it; noise comes from each seed's own stream."""

    @abstractmethod
    def after(self, state: State, before: Tensor, layout: Layout) -> None:
        """Look at what the optimiser did to state["weight"]; `before` (R, size) are the values it started from."""
