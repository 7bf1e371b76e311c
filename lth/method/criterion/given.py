"""Keeps what the ticket of another run kept."""

from dataclasses import dataclass

from torch import Tensor

from lth.method.criterion.criterion import Candidates, Criterion

GIVEN = "given"  # in the state, what the ticket keeps: 1, else 0


@dataclass(frozen=True)
class Given(Criterion):
    """The mask of a ticket, carried over as it is. Source: Morcos et al., One Ticket to Win Them All, 2019."""

    threshold = 0.5

    def score(self, weights: Candidates) -> Tensor:
        """Scores (R, N): 1 for what the ticket keeps, else 0."""
        return weights.own(GIVEN).double()
