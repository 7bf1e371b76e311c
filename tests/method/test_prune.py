"""Pruning against a plain reading of its rule, and against PyTorch's ranking."""

import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.prune import L1Unstructured

from lth.method.prune import layer_keeps, prune
from lth.method.schedule import trajectory

INF = float("inf")
VALUES = (-INF, -2.0, -1.0, -0.0, 0.0, 1e-45, 1.0, 2.0, INF)


def by_the_rule(scores: list[float], mask: list[bool], keep: int) -> list[bool]:
    """One seed: prune the lowest, the first of equals, until `keep` are left."""
    mask = list(mask)
    while sum(mask) > keep:
        lowest = min((score, place) for place, score in enumerate(scores) if mask[place])[1]
        mask[lowest] = False
    return mask


def stack(seed: int, device: str = "cpu") -> tuple[Tensor, Tensor, int]:
    """Scores with many ties, a mask with equally many unpruned in every row, and a keep."""
    draw = random.Random(seed)
    rows, size = draw.randint(1, 6), draw.randint(1, 40)
    left = draw.randint(0, size)
    scores = torch.tensor([[draw.choice(VALUES) for _ in range(size)] for _ in range(rows)])
    mask = torch.zeros(rows, size, dtype=torch.bool)
    for row in mask:
        row[draw.sample(range(size), left)] = True
    return scores.to(device), mask.to(device), draw.randint(0, left)


@pytest.mark.parametrize("seed", range(200))
def test_stacks_with_ties_follow_the_rule(seed: int) -> None:
    scores, mask, keep = stack(seed)
    kept = prune(scores, mask, keep)
    expected = [by_the_rule(s, m, keep) for s, m in zip(scores.tolist(), mask.tolist(), strict=True)]
    assert kept.dtype == torch.bool
    assert kept.tolist() == expected


@pytest.mark.parametrize("seed", range(50))
def test_layers_are_pruned_apart(seed: int) -> None:
    (scores_a, mask_a, keep_a), (scores_b, mask_b, keep_b) = stack(seed), stack(seed + 1000)
    rows = min(len(scores_a), len(scores_b))
    scores = torch.cat([scores_a[:rows], scores_b[:rows]], dim=1)
    mask = torch.cat([mask_a[:rows], mask_b[:rows]], dim=1)
    kept = prune(scores, mask, [keep_a, keep_b], [scores_a.shape[1], scores_b.shape[1]])
    apart = [prune(scores_a[:rows], mask_a[:rows], keep_a), prune(scores_b[:rows], mask_b[:rows], keep_b)]
    assert torch.equal(kept, torch.cat(apart, dim=1))


@pytest.mark.parametrize("keep", [0, 1, 250, 999, 1000])
def test_without_ties_as_in_torch(keep: int) -> None:
    weights = torch.randn(5, 1000, generator=torch.Generator().manual_seed(keep))
    kept = prune(weights.abs(), torch.ones(5, 1000, dtype=torch.bool), keep)
    oracle = L1Unstructured(amount=1000 - keep)
    expected = [oracle.compute_mask(row, torch.ones(1000)).bool() for row in weights]
    assert torch.equal(kept, torch.stack(expected))


def test_a_large_stack_of_equal_scores_loses_its_first() -> None:
    mask = torch.ones(3, 100_000, dtype=torch.bool)
    kept = prune(torch.zeros(3, 100_000), mask, 40_001)
    assert not kept[:, :59_999].any()
    assert kept[:, 59_999:].all()


def test_a_chain_of_levels_is_nested_and_exact() -> None:
    scores = torch.randn(4, 1000, generator=torch.Generator().manual_seed(0)).mul(3).round()
    mask = torch.ones(4, 1000, dtype=torch.bool)
    for keep in trajectory(1000, target=200, levels=6):
        before, mask = mask, prune(scores, mask, keep)
        assert mask.sum(dim=1).tolist() == [keep] * 4
        assert not (mask & ~before).any()


def test_inputs_stay_as_they_are() -> None:
    scores, mask, keep = stack(5)
    copies = scores.clone(), mask.clone()
    prune(scores, mask, keep)
    assert torch.equal(scores, copies[0])
    assert torch.equal(mask, copies[1])


def test_bad_input_is_refused() -> None:
    scores, mask = torch.zeros(2, 4), torch.ones(2, 4, dtype=torch.bool)
    broken = scores.clone()
    broken[1, 2] = float("nan")
    for wrong, says in [
        ((broken, mask, 2), r"rows \[1\] have NaN"),
        ((scores, mask.float(), 2), "must be bool"),
        ((scores, mask[:1], 2), r"\(2, 4\) and mask \(1, 4\)"),
        ((scores[0], mask[0], 2), r"must be \(R, N\)"),
        ((scores, mask, 5), r"keep=5.*\[4\]"),
        ((scores, mask, -1), "keep=-1"),
        ((scores, mask, [2, 2]), "without sizes"),
        ((scores, mask, 2, [2, 2]), "a keep for each layer"),
        ((scores, mask, [2], [2, 2]), "a keep for each layer"),
        ((scores, mask, [2, 2], [2, 3]), "sum to 4"),
        ((scores, mask, [3, 1], [2, 2]), r"keep=3.*\[2\]"),
    ]:
        with pytest.raises(ValueError, match=says):
            prune(*wrong)


def test_shares_of_layers_by_hand() -> None:
    assert layer_keeps([100, 50, 10], 80) == (50, 25, 5)
    assert layer_keeps([3, 3, 3], 4) == (2, 1, 1)
    assert layer_keeps([5, 3, 1], 4) == (2, 1, 1)  # 2.22, 1.33, 0.44: the last has the largest remainder
    assert layer_keeps([7, 0], 7) == (7, 0)
    assert layer_keeps([0, 0], 0) == (0, 0)
    for keep in (-1, 10):
        with pytest.raises(ValueError, match=f"keep={keep}"):
            layer_keeps([5, 4], keep)


def test_shares_in_proportion_by_hand() -> None:
    """The layers of LeNet-300-100 lose 20, 20 and 10 % (Frankle & Carbin, 2019)."""
    assert layer_keeps([235200, 30000, 1000], 213060, [1, 1, 0.5]) == (188160, 24000, 900)
    assert layer_keeps([100, 10], 8, [1, 0.5]) == (3, 5)  # 2.86 and 5.14
    assert layer_keeps([100, 10], 4, [1, 0.5]) == (0, 4)  # more than the first has would have to go: it goes whole
    assert layer_keeps([0, 0], 0, [1, 0.5]) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats(0.01, 1)), min_size=1, max_size=6), st.data())
def test_shares_in_proportion_are_exact_and_ordered(layers: list[tuple[int, float]], data: st.DataObject) -> None:
    sizes, factors = [size for size, _ in layers], [factor for _, factor in layers]
    keep = data.draw(st.integers(0, sum(sizes)))
    parts = layer_keeps(sizes, keep, factors)
    assert sum(parts) == keep
    assert all(0 <= part <= size for part, size in zip(parts, sizes, strict=True))
    assert layer_keeps(sizes, keep, [factors[0]] * len(sizes)) == layer_keeps(sizes, keep)
    lost = [(size - part, size * factor) for part, size, factor in zip(parts, sizes, factors, strict=True) if part]
    for one, weight in lost:  # of layers that keep something, shares are in proportion, to less than two parameters
        share = sum(gone for gone, _ in lost) / max(sum(all_ for _, all_ in lost), 1e-9)
        assert abs(one - weight * share) < 2 + 1e-9 * weight


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=6), st.data())
def test_shares_are_exact(prunable: list[int], data: st.DataObject) -> None:
    keep = data.draw(st.integers(0, sum(prunable)))
    parts = layer_keeps(prunable, keep)
    assert sum(parts) == keep
    for part, size in zip(parts, prunable, strict=True):
        assert 0 <= part <= size
        assert abs(part * sum(prunable) - size * keep) < max(sum(prunable), 1)  # less than one parameter off its share


def test_shares_of_what_is_left_never_grow() -> None:
    sizes = [6, 6, 2]
    # Of the initial sizes, the smallest layer would get 2 of 10 and 1 of 11.
    assert (layer_keeps(sizes, 11)[2], layer_keeps(sizes, 10)[2]) == (1, 2)
    left = layer_keeps(sizes, 11)
    for keep in range(10, 0, -1):
        before, left = left, layer_keeps(left, keep)
        assert all(now <= then for now, then in zip(left, before, strict=True))
