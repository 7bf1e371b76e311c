"""Where neurons lie along their layers."""

from collections.abc import Mapping

import torch
from torch import Tensor

from lth.method.layout import Layout

SHIFT = "shift"  # in the state: how many places each neuron lies beyond its own, where its bias is in a row


def positions(raw: Mapping[str, Tensor], layout: Layout) -> list[Tensor]:
    """The coordinates (R, neurons) of each layer's neurons, inputs first, evenly within (0, 1); inputs are in order."""
    rows = raw["weight"]
    found = []
    for layer, neurons in enumerate(layout.widths):
        place = torch.arange(neurons, dtype=rows.dtype, device=rows.device).expand(len(rows), -1)
        if layer and SHIFT in raw:
            place = place + layout.bias(raw[SHIFT], layer - 1)
        found.append((place + 0.5) / neurons)
    return found
