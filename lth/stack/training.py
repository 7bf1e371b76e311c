"""Seeds in one segment: whoever trains them, they are visited for a while at a time and leave one by one."""

from abc import ABC, abstractmethod

from lth.stack.recipe import Finished, Member

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
