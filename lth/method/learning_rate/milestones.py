"""A warm-up, then a drop at every milestone."""

from dataclasses import dataclass

import numpy as np

from lth.method.learning_rate.learning_rate import LearningRate
from lth.method.ranges import at_least


@dataclass(frozen=True)
class Milestones(LearningRate):
    """min(1, (t + 1) / warmup) · gamma^(milestones passed): `warmup` in steps, `milestones` in epochs.

    As torch.optim.lr_scheduler's LambdaLR and MultiStepLR, multiplied. Raises ValueError for a negative warm-up, for
    milestones that do not rise, and unless 0 < gamma <= 1. Source: Frankle & Carbin, The Lottery Ticket Hypothesis,
    2019 (warm-up); Renda et al., Comparing Rewinding and Fine-tuning, 2020 (drops).
    """

    warmup: int = 0
    milestones: tuple[int, ...] = ()
    gamma: float = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "milestones", tuple(self.milestones))
        at_least(0, self, "warmup", unit="steps")
        if any(later <= earlier for earlier, later in zip((0, *self.milestones), self.milestones, strict=False)):
            raise ValueError(f"milestones={list(self.milestones)}: must be epochs above 0 that rise")
        if not 0 < self.gamma <= 1:
            raise ValueError(f"gamma={self.gamma}: must be above 0, and 1 at most")

    def factors(self, steps: np.ndarray, batches: int) -> np.ndarray:
        """See LearningRate."""
        rising = np.minimum(1.0, (steps + 1) / self.warmup) if self.warmup else np.ones(len(steps))
        passed = np.searchsorted(np.array(self.milestones, dtype=np.int64), steps // batches, side="right")
        return rising * self.gamma**passed
