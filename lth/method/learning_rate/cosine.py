"""A warm-up, then half a wave down to nothing."""

from dataclasses import dataclass

import numpy as np

from lth.method.learning_rate.learning_rate import LearningRate
from lth.method.ranges import at_least


@dataclass(frozen=True)
class Cosine(LearningRate):
    """min(1, (t + 1) / warmup) · (1 + cos(π · min(1, epoch / epochs))) / 2, as torch's CosineAnnealingLR once down.

    `warmup` in steps. Raises ValueError for a negative warm-up, or less than 1 epoch. Source: Loshchilov & Hutter,
    SGDR: Stochastic Gradient Descent with Warm Restarts, 2017.
    """

    epochs: int
    warmup: int = 0

    def __post_init__(self) -> None:
        at_least(0, self, "warmup", unit="steps")
        at_least(1, self, "epochs")

    def factors(self, steps: np.ndarray, batches: int) -> np.ndarray:
        """See LearningRate."""
        rising = np.minimum(1.0, (steps + 1) / self.warmup) if self.warmup else np.ones(len(steps))
        return rising * (1 + np.cos(np.pi * np.minimum(1.0, (steps // batches) / self.epochs))) / 2
