"""One layer of R seeds as the passes see it: three products, dense for a whole stack or sparse for one seed."""

import warnings
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Layer(Protocol):
    """A layer's products; inputs are (R, columns, width) with a row of ones, errors and outputs (R, rows, width)."""

    def forward(self, inputs: Tensor, out: Tensor) -> None:
        """Write weights · inputs, biases included, to `out` (R, rows, width)."""
        ...

    def weight_gradient(self, errors: Tensor, transposed_inputs: Tensor) -> None:
        """Write errors · inputsᵀ, `transposed_inputs` being (R, width, columns), to the layer's gradient."""
        ...

    def input_gradient(self, errors: Tensor, out: Tensor) -> None:
        """Write weightsᵀ · errors to `out` (R, columns, width)."""
        ...


class DenseLayer:
    """Blocks (R, rows, columns) of weights and of their gradients, contiguous, for any number of seeds."""

    def __init__(self, block: Tensor, gradient: Tensor | None) -> None:
        self._block, self._gradient = block, gradient
        self._transposed = block.transpose(1, 2)

    def forward(self, inputs: Tensor, out: Tensor) -> None:
        """See Layer."""
        torch.bmm(self._block, inputs, out=out)

    def weight_gradient(self, errors: Tensor, transposed_inputs: Tensor) -> None:
        """See Layer."""
        torch.bmm(errors, transposed_inputs, out=self._gradient)

    def input_gradient(self, errors: Tensor, out: Tensor) -> None:
        """See Layer."""
        torch.bmm(self._transposed, errors, out=out)


@dataclass(frozen=True, eq=False)
class Pattern:
    """Where a sparse block's values lie, compressed as `rows` (height + 1,) and `columns`, in a block of `shape`.

    They are, row by row, the weights and bias of each neuron, `mask` (out, in + 1) with biases last, and at the end
    the one that is passed on. `transposed_rows` and `transposed_columns` are the weights alone, transposed, and
    `order` tells which value stands at each place there.
    """

    mask: Tensor
    shape: tuple[int, int]
    rows: Tensor
    columns: Tensor
    transposed_rows: Tensor
    transposed_columns: Tensor
    order: Tensor

    @classmethod
    def of(cls, mask: Tensor, shape: tuple[int, int]) -> "Pattern":
        """The pattern of a hidden layer's mask (out, in) bool in a block of this shape."""
        out, into = mask.shape
        with_biases = torch.cat([mask, mask.new_ones(out, 1)], dim=1)
        full, weights = (torch.zeros(shape, dtype=torch.bool) for _ in range(2))
        full[:out, : into + 1] = with_biases
        full[out, into] = True
        weights[:out, :into] = mask
        places = torch.zeros(shape, dtype=torch.int64)
        places[full] = torch.arange(int(full.sum()))
        return cls(with_biases, shape, *_compressed(full), *_compressed(weights.T), places.T[weights.T])

    @property
    def values(self) -> int:
        """How many values there are, biases and the one included."""
        return len(self.columns)


class SparseLayer:
    """The values (1, nnz) of one seed's layer and of their gradient, in the order of a Pattern.

    The matrices are views: they see every change that the optimiser makes to the values.
    """

    def __init__(self, pattern: Pattern, values: Tensor, gradient: Tensor | None) -> None:
        height, breadth = pattern.shape
        self._values, self._order = values[0], pattern.order
        self._matrix = _matrix(pattern.rows, pattern.columns, values[0], pattern.shape)
        if gradient is not None:
            self._gradient = _matrix(pattern.rows, pattern.columns, gradient[0], pattern.shape)
            self._transposed_values = values.new_empty(len(pattern.order))
            self._transposed = _matrix(
                pattern.transposed_rows, pattern.transposed_columns, self._transposed_values, (breadth, height)
            )

    def forward(self, inputs: Tensor, out: Tensor) -> None:
        """See Layer."""
        torch.mm(self._matrix, inputs[0], out=out[0])

    def weight_gradient(self, errors: Tensor, transposed_inputs: Tensor) -> None:
        """See Layer; only the products at the pattern's places are computed."""
        torch.sparse.sampled_addmm(self._gradient, errors[0], transposed_inputs[0], beta=0.0, out=self._gradient)

    def input_gradient(self, errors: Tensor, out: Tensor) -> None:
        """See Layer."""
        torch.index_select(self._values, 0, self._order, out=self._transposed_values)
        torch.mm(self._transposed, errors[0], out=out[0])


def _compressed(mask: Tensor) -> tuple[Tensor, Tensor]:
    counts = mask.sum(dim=1)
    rows = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    return rows.int(), mask.nonzero()[:, 1].int()


def _matrix(rows: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    with warnings.catch_warnings():
        # PyTorch announces once per process that sparse CSR tensors are in beta.
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta", category=UserWarning)
        return torch.sparse_csr_tensor(rows, columns, values, shape, check_invariants=False)
