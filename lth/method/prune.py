"""Scores → masks: exact counts, ties by position, and nothing that is pruned comes back."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import torch
from torch import Tensor

from lth.method.layout import Layout


def prune(scores: Tensor, mask: Tensor, keep: int | Sequence[int], sizes: Sequence[int] | None = None) -> Tensor:
    """The mask (R, N) that keeps, in every seed, exactly `keep` of the unpruned parameters: those with highest score.

    `scores` (R, N) are compared within a seed only, `mask` (R, N) bool tells what is unpruned so far. Among equal
    scores the lower flat index is pruned first. Scope: global, with one integer keep; or layerwise, with the layers'
    block `sizes` (they sum to N) and a keep for each. Raises ValueError for NaN scores, wrong shapes, and when more
    is to be kept than is left. Costs one sort of the whole stack (layerwise: one per layer).
    """
    if scores.shape != mask.shape or scores.dim() != 2:
        raise ValueError(f"scores {tuple(scores.shape)} and mask {tuple(mask.shape)}: both must be (R, N)")
    if mask.dtype != torch.bool:
        raise ValueError(f"mask is {mask.dtype}: it must be bool")
    if torch.isnan(scores).any():
        rows = torch.isnan(scores).any(dim=1).nonzero().flatten().tolist()
        raise ValueError(f"scores of the seeds in rows {rows} have NaN: every score must be a number")
    if sizes is None:
        if not isinstance(keep, int):
            raise ValueError(f"keep={keep} without sizes: global pruning takes one integer")
        return _keep_highest(scores, mask, keep)
    if isinstance(keep, int) or len(keep) != len(sizes) or sum(sizes) != scores.shape[1]:
        raise ValueError(f"keep={keep} and sizes={sizes}: a keep for each layer, sizes that sum to {scores.shape[1]}")
    blocks = zip(scores.split(list(sizes), dim=1), mask.split(list(sizes), dim=1), keep, strict=True)
    return torch.cat([_keep_highest(*block) for block in blocks], dim=1)


def prune_below(scores: Tensor, mask: Tensor, threshold: float) -> Tensor:
    """The mask (R, N) without what scores (R, N) below the threshold, but never empty: the highest score stays.

    Raises ValueError for NaN scores.
    """
    least = prune(scores, mask, 1)
    return (mask & (scores >= threshold)) | least


def prune_neurons(scores: Tensor, mask: Tensor, layout: Layout, keep: int, index: Tensor) -> Tensor:
    """The mask (R, size) without the hidden neurons of lowest score that must go so that `keep` parameters are left.

    `scores` (R, H) rank the hidden neurons, layer by layer; `index` (N,) are the positions of the prunable parameters.
    A neuron goes with its weights, incoming and outgoing, and its bias where biases are prunable; the last one of a
    layer stays, so more than `keep` may be left. Among equal scores the earlier neuron goes first.
    Raises ValueError for NaN scores.
    """
    if torch.isnan(scores).any():
        raise ValueError("scores of neurons have NaN: every score must be a number")
    found, biases = mask.clone(), len(index) == layout.size
    for row, order in zip(found, torch.sort(scores, dim=1, stable=True).indices.tolist(), strict=True):
        left = {layer: int(_alive(row, layout, layer).sum()) for layer in range(layout.depth - 1)}
        for number in order:
            if int(row[index].sum()) <= keep:
                break
            layer, neuron = _place(number, layout)
            if left[layer] > 1 and bool(_alive(row, layout, layer)[neuron]):
                left[layer] -= 1
                layout.weight(row[None], layer)[0, neuron] = False
                layout.weight(row[None], layer + 1)[0, :, neuron] = False
                layout.bias(row[None], layer)[0, neuron] &= not biases
    return found


def _alive(row: Tensor, layout: Layout, layer: int) -> Tensor:
    """Which neurons of a hidden layer have a weight left, (neurons,) bool."""
    incoming, outgoing = layout.weight(row[None], layer)[0], layout.weight(row[None], layer + 1)[0]
    return incoming.any(dim=1) | outgoing.any(dim=0)


def _place(number: int, layout: Layout) -> tuple[int, int]:
    for layer, neurons in enumerate(layout.widths[1:-1]):
        if number < neurons:
            return layer, number
        number -= neurons
    raise IndexError(number)


def layer_keeps(prunable: Sequence[int], keep: int, factors: Sequence[float] | None = None) -> tuple[int, ...]:
    """Shares a total `keep` over layers with `prunable` parameters so that each keeps the same share of its own.

    With `factors` they lose shares in these proportions, and a layer that would lose more than it has loses all.
    Largest remainders (the earlier layer first among equals), so the parts sum to `keep` exactly. Give the counts that
    are left at the level, not the initial ones: shares of a fixed whole can rise when their total falls by little
    (the Alabama paradox), and then pruned parameters would have to come back. Raises ValueError when `keep` is below
    0 or above the sum.
    """
    total = sum(prunable)
    if not 0 <= keep <= total:
        raise ValueError(f"keep={keep}: layers of {list(prunable)} can keep between 0 and {total} parameters")
    exact = _exact_keeps(prunable, keep, factors or [1.0] * len(prunable))
    floors = [floor(one) for one in exact]
    by_remainder = sorted(range(len(prunable)), key=lambda layer: (floors[layer] - exact[layer], layer))
    for layer in by_remainder[: keep - sum(floors)]:
        floors[layer] += 1
    return tuple(floors)


def _exact_keeps(prunable: Sequence[int], keep: int, factors: Sequence[float]) -> list[Fraction]:
    """What each layer would keep were it no whole number: fractions, for shares of millions do not sum in floats."""
    weights = [Fraction(factor) * size for factor, size in zip(factors, prunable, strict=True)]
    whole, gone = sum(weights), sum(prunable) - keep
    if not whole:
        return [Fraction(size) for size in prunable]
    exact = [size - weight * gone / whole for size, weight in zip(prunable, weights, strict=True)]
    if min(exact) >= 0:
        return exact
    rest = _exact_keeps([size if one >= 0 else 0 for size, one in zip(prunable, exact, strict=True)], keep, factors)
    return [found if one >= 0 else Fraction(0) for found, one in zip(rest, exact, strict=True)]


def _keep_highest(scores: Tensor, mask: Tensor, keep: int) -> Tensor:
    left = mask.sum(dim=1, keepdim=True)
    if keep < 0 or (left < keep).any():
        raise ValueError(f"keep={keep}: between 0 and the unpruned {sorted(set(left.flatten().tolist()))} can be kept")
    order = torch.sort(scores, dim=1, stable=True).indices
    unpruned = mask.gather(1, order)
    # Counting the unpruned only, instead of giving the pruned a lowest score, lets even -inf be a score.
    kept = unpruned & (unpruned.cumsum(dim=1) > left - keep)
    return torch.zeros_like(mask).scatter(1, order, kept)
