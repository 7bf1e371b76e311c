"""The state of the seeds that train: every number about them, by name.

`weight`, `anchor` and `mask` are (R, size) in the canonical order of Layout; what an optimiser remembers of
a trained tensor, `weight` say, is `weight.NAME` (R, size), its steps are `weight.step` (R,); a method's own tensors
stand under names of their own, without a dot.
Nothing about a seed is kept anywhere else, so that whoever moves, stores or resumes a seed walks over the names.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lth.method.state import State

OPTIMIZER = "weight."  # how the names begin of what an optimiser remembers of the weights


def rows(state: Mapping[str, Tensor], places: Sequence[int]) -> State:
    """The state of the seeds at these places, a copy."""
    return {name: tensor[list(places)].clone() for name, tensor in state.items()}


def put(state: State, place: int, name: str, value: Tensor) -> None:
    """Write one seed's tensor; a name that is new starts as zeros for the other seeds."""
    if name not in state:
        seeds = len(state["weight"])
        state[name] = torch.zeros((seeds, *value.shape), dtype=value.dtype, device=state["weight"].device)
    state[name][place] = value


def remembered(state: Mapping[str, Tensor]) -> list[str]:
    """The names of what the optimiser remembers."""
    return [name for name in state if is_memory(name)]


def is_memory(name: str) -> bool:
    """Whether this is what the optimiser remembers of a trained tensor, whichever."""
    return "." in name
