"""Seeds in one segment: whoever trains them, they are visited for a while at a time and leave one by one."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from lth.stack.recipe import Finished, Member, Recipe

VISIT_SECONDS = 0.2  # after which a visit on a CPU ends, so that the caller can look around


class Training(ABC):
    """The seeds of a stack in one segment; the state's rows of a seed are whole once the seed is Finished."""

    members: list[Member]

    @abstractmethod
    def visit(self) -> list[Finished]:
        """Train for a while; the seeds whose segment ended meanwhile, with their state written."""

    @abstractmethod
    def epochs(self) -> int:
        """The epochs that the seed longest in training has done."""

    @abstractmethod
    def losses(self) -> list[float]:
        """The last validation loss of every seed that trains, the mean over its tasks."""


class Untrained(Training):
    """Seeds whose segment has no step: they are what they were."""

    def __init__(self, recipe: Recipe, members: Sequence[Member]) -> None:
        self.members = list(members)
        self._nothing = np.empty((0, 3, len(recipe.dataset.tasks)))

    def visit(self) -> list[Finished]:
        """All of them, at once."""
        over, self.members = self.members, []
        return [Finished(member.place, self._nothing, failed=False, best=0) for member in over]

    def epochs(self) -> int:
        """None."""
        return 0

    def losses(self) -> list[float]:
        """None."""
        return []
