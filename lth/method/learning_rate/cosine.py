"""A warm-up, then half a wave down to nothing."""

from dataclasses import dataclass

import numpy as np

from lth.method.learning_rate.learning_rate import LearningRate


@dataclass(frozen=True)
class Cosine(LearningRate):
    """min(1, (t + 1) / warmup) · (1 + cos(π · min(1, epoch / epochs))) / 2, as torch's CosineAnnealingLR once down.

    `warmup` in steps. Raises ValueError for a negative warm-up, or less than 1 epoch. Source: Loshchilov & Hutter,
    SGDR: Stochastic Gradient Descent with Warm Restarts, 2017.
    """

    epochs: int
    warmup: int = 0

    def __post_init__(self) -> None:
        if self.warmup < 0:
            raise ValueError(f"warmup={self.warmup}: must be 0 or more steps")
        if self.epochs < 1:
            raise ValueError(f"epochs={self.epochs}: must be 1 or more")

    def factors(self, steps: np.ndarray, batches: int) -> np.ndarray:
        """See LearningRate."""
        rising = np.minimum(1.0, (steps + 1) / self.warmup) if self.warmup else np.ones(len(steps))
        return rising * (1 + np.cos(np.pi * np.minimum(1.0, (steps // batches) / self.epochs))) / 2
