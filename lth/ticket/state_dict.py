"""A ticket's trained network as a plain PyTorch state dict."""

import io

import torch
from torch import Tensor

from lth.ticket.contents import Ticket


def state_dict(ticket: Ticket) -> dict[str, Tensor]:
    """Plain tensors by name, the pruned weights 0: `layers.N.weight` (out, in) and `layers.N.bias` (out,), N from 0.

    They fit a module whose ModuleList `layers` holds one nn.Linear per layer, with a ReLU between layers.
    """
    tensors: dict[str, Tensor] = {}
    for layer, (mask, weight, bias) in enumerate(zip(ticket.masks, ticket.weights, ticket.biases, strict=True)):
        kept = (
            torch.from_numpy(bias) if ticket.bias_masks is None else torch.from_numpy(bias * ticket.bias_masks[layer])
        )
        tensors[f"layers.{layer}.weight"] = torch.from_numpy(weight * mask)
        tensors[f"layers.{layer}.bias"] = kept.clone()
    return tensors


def packed(ticket: Ticket) -> bytes:
    """The state dict as torch.save writes it and `torch.load(path, weights_only=True)` reads it."""
    page = io.BytesIO()
    torch.save(state_dict(ticket), page)
    return page.getvalue()
