"""What a schedule of the learning rate is."""

from abc import ABC, abstractmethod

import numpy as np


class LearningRate(ABC):
    """A rule for what the optimiser's learning rate is multiplied with."""

    @abstractmethod
    def factors(self, steps: np.ndarray, batches: int) -> np.ndarray:
        """The factors (n,) float64 at these steps (n,), counted from 0; an epoch has so many batches."""
