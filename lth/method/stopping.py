"""When each seed's level ends."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class StoppingRule:
    """A level ends after `patience` epochs without a new minimum of the validation loss, or at `max_epochs`.

    It also ends once the validation loss is at most `loss_cutoff`, where one is given.
    """

    patience: int
    max_epochs: int
    loss_cutoff: float | None = None


class Stopping:
    """The stopping state of R seeds that started a level together, on any device and without host visits."""

    def __init__(self, rule: StoppingRule, seeds: int, device: torch.device | str = "cpu") -> None:
        self.rule = rule
        self.epochs = torch.zeros(seeds, dtype=torch.int64, device=device)
        self.waited = torch.zeros(seeds, dtype=torch.int64, device=device)
        self.best = torch.full((seeds,), math.inf, dtype=torch.float64, device=device)
        self.over = torch.zeros(seeds, dtype=torch.bool, device=device)
        self.improved = torch.zeros(seeds, dtype=torch.bool, device=device)

    def update(self, losses: Tensor) -> None:
        """Take the validation losses (R,) of one more epoch; seeds that are over already stay as they are.

        A loss that is not finite ends the level too: the caller tells failure from stopping by the loss itself.
        """
        losses = losses.to(self.best.dtype)
        training = ~self.over
        torch.logical_and(losses < self.best, training, out=self.improved)
        self.best.copy_(torch.where(self.improved, losses, self.best))
        self.epochs.add_(training)
        self.waited.copy_(torch.where(self.improved, 0, self.waited + training))
        ended = (self.waited >= self.rule.patience) | (self.epochs >= self.rule.max_epochs) | ~losses.isfinite()
        if self.rule.loss_cutoff is not None:
            ended |= losses <= self.rule.loss_cutoff
        self.over |= ended & training

    def select(self, kept: Tensor) -> None:
        """Go on with the seeds at the positions `kept` (K,) only."""
        for name in ("epochs", "waited", "best", "over", "improved"):
            setattr(self, name, getattr(self, name).index_select(0, kept))
