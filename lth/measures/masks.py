"""What masks have in common, and what weights have with their anchors."""

from collections.abc import Sequence

import numpy as np

from lth.ticket import Ticket

Masks = Sequence[np.ndarray]


def overlap(one: Masks, other: Masks) -> float:
    """Jaccard's index: the weights that both keep over those that one of them keeps; 1 where neither keeps any."""
    both = sum(int((a & b).sum()) for a, b in zip(one, other, strict=True))
    either = sum(int((a | b).sum()) for a, b in zip(one, other, strict=True))
    return both / either if either else 1.0


def expected_overlap(one: Masks, other: Masks) -> float:
    """What `overlap` is by chance, for independent random masks with these counts in every layer.

    The expected number in both over the expected number in one of them, which differs from the expected quotient by
    about 1 over the number of weights.
    """
    counts = [(int(a.sum()), int(b.sum()), a.size) for a, b in zip(one, other, strict=True)]
    both = sum(a * b / size for a, b, size in counts)
    either = sum(a + b for a, b, _ in counts) - both
    return both / either if either else 1.0


def sign_agreement(ticket: Ticket) -> float | None:
    """The share of the kept weights that have their anchor's sign; None where none is kept."""
    kept = sum(int(mask.sum()) for mask in ticket.masks)
    parts = zip(ticket.masks, ticket.weights, ticket.anchors, strict=True)
    same = sum(int((np.sign(weight) == np.sign(anchor))[mask].sum()) for mask, weight, anchor in parts)
    return same / kept if kept else None
