"""A ticket's network as one row of numbers."""

import numpy as np
import torch
from torch import Tensor

from lth.method.effective.freeze import HELD
from lth.ticket import Ticket


def row_of(ticket: Ticket) -> Tensor:
    """The parameters (size,) that the ticket's network computes with, in the order of Layout.

    Pruned weights are 0, or where the method holds them.
    """
    pairs = zip(ticket.weights, ticket.biases, strict=True)
    found = np.concatenate([np.append(weight.ravel(), bias) for weight, bias in pairs])
    if HELD in ticket.state:
        unpruned = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
        mask = np.concatenate([np.append(of.ravel(), bias) for of, bias in zip(ticket.masks, unpruned, strict=True)])
        found = np.where(mask, found, ticket.state[HELD])
    return torch.from_numpy(found)
