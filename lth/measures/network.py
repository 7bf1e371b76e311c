"""A ticket's network as one row of numbers."""

import numpy as np
import torch
from torch import Tensor

from lth.ticket import Ticket


def row_of(ticket: Ticket, dense: bool = False) -> Tensor:
    """The parameters (size,) that the ticket's network computes with, in the order of Layout.

    With `dense`, for methods whose pruned weights take part, these are at their anchors.
    """
    weights = ticket.weights
    if dense:
        parts = zip(ticket.masks, ticket.weights, ticket.anchors, strict=True)
        weights = tuple(np.where(mask, weight, anchor) for mask, weight, anchor in parts)
    pairs = zip(weights, ticket.biases, strict=True)
    return torch.from_numpy(np.concatenate([np.append(weight.ravel(), bias) for weight, bias in pairs]))
