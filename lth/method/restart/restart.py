"""What survivors restart from at the next level; pure functions of flat parameters (R, N), never aliases of them."""

# ruff: noqa: ARG002 - each rule uses only what it needs

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor


class Rewind(ABC):
    """A rule for the values that a level starts with.

    `step` is the optimisation step of the dense level after which the anchor is taken; 0 is the initialisation.
    """

    step: int

    @abstractmethod
    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """New values (R, N) for the next level, from the last level's `trained` ones and the `anchor`, both (R, N).

        `fresh()` draws newly initialised values (R, N), each seed's keyed by its seed and level alone; it is called
        only by rules that need it. The result is a copy, unmasked.
        """


@dataclass(frozen=True)
class Reset(Rewind):
    """Back to the initialisation. Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019."""

    step: int = field(default=0, init=False)

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """The anchor, which is the initialisation."""
        return anchor.clone()


@dataclass(frozen=True)
class Late(Rewind):
    """Back to the values after `step` optimisation steps (0: a reset). Raises ValueError for a negative step.

    Source: Frankle et al., Stabilizing the Lottery Ticket Hypothesis, 2019.
    """

    step: int

    def __post_init__(self) -> None:
        if self.step < 0:
            raise ValueError(f"step={self.step}: the step to rewind to is 0 or more")

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """The anchor, taken at `step`."""
        return anchor.clone()


@dataclass(frozen=True)
class Continue(Rewind):
    """No rewinding: survivors keep their trained values, the optimiser starts afresh.

    Source: Renda et al., Comparing Rewinding and Fine-tuning, 2020 (learning-rate rewinding from step 0).
    """

    step: int = field(default=0, init=False)

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """The trained values."""
        return trained.clone()


@dataclass(frozen=True)
class Reinit(Rewind):
    """Random reinitialisation, the control that tells a ticket's mask from its values.

    Source: Frankle & Carbin, The Lottery Ticket Hypothesis, 2019.
    """

    step: int = field(default=0, init=False)

    def restart(self, trained: Tensor, anchor: Tensor, fresh: Callable[[], Tensor]) -> Tensor:
        """Newly drawn values."""
        return fresh().clone()
