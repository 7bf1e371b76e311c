"""Places in an order, seed by seed."""

import torch
from torch import Tensor


def ranks(values: Tensor, mask: Tensor) -> Tensor:
    """Where each value (R, N) stands among its seed's unpruned ones, from 0 for the lowest, as float64.

    Among equal ones the lower index comes first; pruned ones get −1.
    """
    # Pruned ones first, whatever their values are: a stable sort by the value, then by the mask.
    by_value = torch.sort(values, dim=1, stable=True).indices
    order = by_value.gather(1, torch.sort(mask.gather(1, by_value).byte(), dim=1, stable=True).indices)
    places = torch.arange(values.shape[1], device=values.device).expand_as(order)
    found = torch.empty_like(order).scatter(1, order, places)
    return torch.where(mask, found - (~mask).sum(dim=1, keepdim=True), -1).double()
