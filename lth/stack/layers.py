"""One layer of R seeds as the passes see it: three products, dense for a whole stack or sparse for one seed."""

import warnings
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Layer(Protocol):
    """A layer's products; `inputs` is (R, in + 1, width) with a last row of ones, errors are (R, out, width)."""

    def forward(self, inputs: Tensor, out: Tensor) -> None:
        """Write weights · inputs, biases included, to `out` (R, out, width)."""
        ...

    def weight_gradient(self, errors: Tensor, transposed_inputs: Tensor) -> None:
        """Write errors · inputsᵀ, `transposed_inputs` being (R, width, in + 1), to the layer's gradient."""
        ...

    def input_gradient(self, errors: Tensor, out: Tensor) -> None:
        """Write weightsᵀ · errors, biases left out, to `out` (R, in, width)."""
        ...


class DenseLayer:
    """Blocks (R, out, in + 1) of weights and of their gradients, for any number of seeds."""

    def __init__(self, block: Tensor, gradient: Tensor | None) -> None:
        self._block, self._gradient = block, gradient
        self._transposed = block[:, :, :-1].transpose(1, 2)

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
    """Where a sparse layer's values lie: `mask` (out, in + 1) with biases last, compressed as `rows` and `columns`.

    `transposed_rows`, `transposed_columns` are the same weights as (in, out) without biases, and `order` tells which
    value stands at each place there.
    """

    mask: Tensor
    rows: Tensor
    columns: Tensor
    transposed_rows: Tensor
    transposed_columns: Tensor
    order: Tensor

    @classmethod
    def of(cls, mask: Tensor) -> "Pattern":
        """The pattern of a mask (out, in) bool; every neuron has a place for its bias."""
        full = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
        places = torch.zeros(full.shape, dtype=torch.int64)
        places[full] = torch.arange(int(full.sum()))
        rows, columns = _compressed(full)
        transposed_rows, transposed_columns = _compressed(mask.T)
        order = places[:, :-1].T[mask.T]
        return cls(full, rows, columns, transposed_rows, transposed_columns, order)

    @property
    def values(self) -> int:
        """How many values there are, biases included."""
        return len(self.columns)


class SparseLayer:
    """The values (1, nnz) of one seed's layer and of their gradient, in the order of a Pattern.

    The matrices are views: they see every change that the optimiser makes to the values.
    """

    def __init__(self, pattern: Pattern, values: Tensor, gradient: Tensor | None) -> None:
        out, into = pattern.mask.shape
        self._values, self._order = values[0], pattern.order
        self._matrix = _matrix(pattern.rows, pattern.columns, values[0], (out, into))
        if gradient is not None:
            self._gradient = _matrix(pattern.rows, pattern.columns, gradient[0], (out, into))
            self._transposed_values = values.new_empty(len(pattern.order))
            self._transposed = _matrix(
                pattern.transposed_rows, pattern.transposed_columns, self._transposed_values, (into - 1, out)
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
