"""What a criterion sees and what it gives."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Candidates:
    """The prunable parameters of a stack at the end of a level, flat: layer by layer, row-major.

    `trained` and `anchor` (R, N) are the values after training and those that survivors rewind to, `mask` (R, N) bool
    the unpruned ones, `sizes` the parameters of each layer (they sum to N), `seeds` the R seeds, `level` the level that
    was trained.
    """

    trained: Tensor
    anchor: Tensor
    mask: Tensor
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    level: int


class Criterion(ABC):
    """A rule that ranks parameters: those with the highest scores are kept."""

    @abstractmethod
    def score(self, weights: Candidates) -> Tensor:
        """Finite scores (R, N), compared within a seed; a seed's must not depend on the others in its stack."""
