"""The stacked masked MLP: the state of all seeds of a stack, in full shape."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import get_args

import torch
from torch import Tensor, nn

from lth.method.forward import forward
from lth.method.layout import Layout
from lth.method.state import State
from lth.randomness import generator
from lth.settings.initialisers import BiasInitialiser, Initialiser

INITIALISERS, BIAS_INITIALISERS = get_args(Initialiser), get_args(BiasInitialiser)
BIAS_NORMAL_DEVIATION = 0.1


class StackedMLP(nn.Module):
    """R masked ReLU networks of equal widths; `state` is everything about them, by name (lth.stack.state).

    `weight` (R, size) are the current values with pruned ones at zero, `anchor` (R, size) what survivors are rewound
    to, `mask` (R, size) bool what is unpruned. Forward takes x (N, inputs) or (R, N, inputs) and gives logits (R, N,
    outputs).
    """

    def __init__(self, widths: Sequence[int], weight: Tensor) -> None:
        super().__init__()
        self.layout = Layout(widths)
        if weight.ndim != 2 or weight.shape[1] != self.layout.size:
            raise ValueError(
                f"weight is (seeds, {self.layout.size}) for widths {tuple(widths)}, not {tuple(weight.shape)}"
            )
        mask = torch.ones_like(weight, dtype=torch.bool)
        self.state: State = {"weight": weight.clone(), "anchor": weight.clone(), "mask": mask}

    @property
    def weight(self) -> Tensor:
        """The current values (R, size)."""
        return self.state["weight"]

    @property
    def anchor(self) -> Tensor:
        """What survivors are rewound to (R, size)."""
        return self.state["anchor"]

    @property
    def mask(self) -> Tensor:
        """What is unpruned (R, size) bool."""
        return self.state["mask"]

    def forward(self, x: Tensor) -> Tensor:
        """Logits (R, N, outputs) of every seed."""
        return forward(self.layout, self.weight * self.mask, x if x.ndim == 3 else x[None]).transpose(1, 2)

    def _apply(self, fn, recurse: bool = True) -> "StackedMLP":
        self.state = {name: fn(tensor) for name, tensor in self.state.items()}
        return super()._apply(fn, recurse)

    def weight_masks(self, place: int) -> list[Tensor]:
        """The masks (out, in) per layer of the seed at this place in the stack."""
        row = self.mask[place : place + 1]
        return [self.layout.weight(row, layer)[0] for layer in range(self.layout.depth)]


def initial_rows(
    widths: Sequence[int],
    seeds: Sequence[int],
    init: str = "kaiming_normal",
    bias_init: str = "zeros",
    *,
    purpose: str = "init",
    level: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """Freshly initialised rows (R, size), each seed's drawn from its own generator in float32 and then cast.

    `kaiming_normal` is He et al. (2015) with fan-in and the gain of ReLU. Biases are zeros, `uniform` in
    ±1/sqrt(fan-in) as in nn.Linear, or `normal` with deviation 0.1. Raises ValueError for an unknown name.
    """
    if init not in INITIALISERS or bias_init not in BIAS_INITIALISERS:
        known = f"{', '.join(INITIALISERS)} for weights; {', '.join(BIAS_INITIALISERS)} for biases"
        raise ValueError(f"initialiser {init!r} with biases {bias_init!r}: known are {known}")
    layout = Layout(widths)
    rows = torch.zeros(len(seeds), layout.size)
    for place, seed in enumerate(seeds):
        stream = generator(seed, purpose, level)
        for layer in range(layout.depth):
            weight = layout.weight(rows[place : place + 1], layer)[0]
            weight.copy_(_draw_weight(weight.shape, init, stream))
            _draw_bias(layout.bias(rows[place : place + 1], layer)[0], weight.shape[1], bias_init, stream)
    return rows.to(dtype)


def deviations(widths: Sequence[int], init: str) -> tuple[float, ...]:
    """The standard deviation that the weights of every layer are drawn with."""
    pairs = pairwise(widths)
    squares = {
        "kaiming": lambda fan_in, _: 2 / fan_in,
        "xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
        "orthogonal": lambda fan_in, fan_out: 1 / max(fan_in, fan_out),  # its rows, or its columns, have length 1
        "normal": lambda fan_in, _: 1 / fan_in,
    }
    return tuple(math.sqrt(squares[init.partition("_")[0]](*pair)) for pair in pairs)


def _draw_weight(shape: torch.Size, init: str, stream: torch.Generator) -> Tensor:
    drawn = torch.empty(shape)
    options = {"nonlinearity": "relu"} if init.startswith("kaiming") else {}
    if init == "normal":
        options = {"std": 1 / math.sqrt(shape[1])}
    return getattr(nn.init, f"{init}_")(drawn, generator=stream, **options)


def _draw_bias(bias: Tensor, fan_in: int, bias_init: str, stream: torch.Generator) -> None:
    if bias_init == "uniform":
        bound = 1 / math.sqrt(fan_in)
        bias.uniform_(-bound, bound, generator=stream)
    elif bias_init == "normal":
        bias.normal_(0, BIAS_NORMAL_DEVIATION, generator=stream)
