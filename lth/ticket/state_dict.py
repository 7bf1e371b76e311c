"""A ticket's trained network in plain PyTorch: a state dict, and the module that it fits."""

import io

import torch
from torch import Tensor, nn

from lth.ticket.contents import Ticket


def state_dict(ticket: Ticket) -> dict[str, Tensor]:
    """Plain tensors by name, what is pruned 0: `0.weight` (out, in), `0.bias` (out,), `2.weight`, …

    They fit `nn.Sequential(nn.Linear(…), nn.ReLU(), nn.Linear(…), …)`.
    """
    tensors: dict[str, Tensor] = {}
    for layer, (mask, weight, bias) in enumerate(zip(ticket.masks, ticket.weights, ticket.biases, strict=True)):
        kept = bias if ticket.bias_masks is None else bias * ticket.bias_masks[layer]
        tensors[f"{2 * layer}.weight"] = torch.from_numpy(weight * mask)
        tensors[f"{2 * layer}.bias"] = torch.from_numpy(kept).clone()
    return tensors


def sequential(ticket: Ticket) -> nn.Sequential:
    """A Linear for each layer, a ReLU between two, with the ticket's state dict; draws no random numbers."""
    layers: list[nn.Module] = []
    for mask, weight in zip(ticket.masks, ticket.weights, strict=True):
        kind = torch.from_numpy(weight[:0]).dtype
        linear = nn.utils.skip_init(nn.Linear, mask.shape[1], mask.shape[0], dtype=kind)
        layers += [linear, nn.ReLU()]
    module = nn.Sequential(*layers[:-1])
    module.load_state_dict(state_dict(ticket))
    return module


def packed(ticket: Ticket) -> bytes:
    """The state dict as torch.save writes it and `torch.load(path, weights_only=True)` reads it."""
    page = io.BytesIO()
    torch.save(state_dict(ticket), page)
    return page.getvalue()
