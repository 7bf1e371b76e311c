"""Rows in whole blocks, whose numbers do not depend on what lies beside them."""

from torch import Tensor
from torch.nn.functional import pad

BLOCK = 64  # a multiple of every SIMD width in use


def in_blocks(rows: Tensor) -> Tensor:
    """Rows (R, N) with zeros up to whole blocks.

    PyTorch computes powers, logarithms and the like of a tensor's last few elements one by one and rounds those
    differently: of whole blocks a seed's are the same to the bit in every stack.
    """
    return pad(rows, (0, -rows.shape[1] % BLOCK))
