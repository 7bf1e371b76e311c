"""From a seed's canonical row to the buffer that trains and back, dense and sparse."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lth.stack.layers import Pattern
from lth.stack.layout import ALIGNMENT, Layout, padded_neurons
from lth.stack.packing import Packing

WIDTHS = st.lists(st.integers(1, 12), min_size=2, max_size=5)


def some_neurons(widths: list[int], random: torch.Generator) -> list[Tensor]:
    """All inputs and outputs and a random part of the hidden neurons."""
    hidden = [torch.rand(width, generator=random).lt(0.6).nonzero().flatten() for width in widths[1:-1]]
    return [torch.arange(widths[0]), *hidden, torch.arange(widths[-1])]


def expected_places(layout: Layout, neurons: list[Tensor]) -> list[int]:
    places = [layout.places(layer, *pair).flatten() for layer, pair in enumerate(pairwise(neurons))]
    return sorted(torch.cat(places).tolist())


@given(WIDTHS, st.integers(0, 99), st.integers(1, 3))
def test_every_parameter_of_packed_neurons_has_one_place(widths: list[int], seed: int, seeds: int) -> None:
    random = torch.Generator().manual_seed(seed)
    layout, neurons = Layout(widths), some_neurons(widths, random)
    packing = Packing([len(indices) for indices in neurons])
    sources = packing.sources(layout, neurons)
    assert sorted(sources[sources >= 0].tolist()) == expected_places(layout, neurons)

    rows = torch.rand(seeds, packing.size, generator=random)
    flat = packing.by_layer(rows)
    assert torch.equal(packing.by_seed(flat), rows)
    assert packing.size == sum(packing.sizes)
    assert all(size % ALIGNMENT == 0 for size in packing.sizes)


def test_blocks_hold_weights_biases_and_the_passing_row() -> None:
    layout, neurons = Layout((3, 4, 2)), [torch.arange(3), torch.tensor([1, 3]), torch.arange(2)]
    packing = Packing([3, 2, 2])
    sources, row = packing.sources(layout, neurons), torch.rand(1, layout.size)
    packed = torch.where(sources >= 0, row[:, sources.clamp(min=0)], 0)
    flat = packing.with_ones(packed.repeat(2, 1))
    hidden, last = packing.block(flat, 0), packing.block(flat, 1)
    for seed in range(2):
        assert torch.equal(hidden[seed, :2, :3], layout.weight(row, 0)[0, [1, 3]])
        assert torch.equal(hidden[seed, :2, 3], layout.bias(row, 0)[0, [1, 3]])
        assert hidden[seed, 2].tolist() == [0, 0, 0, 1], "the row that passes the one on"
        assert not hidden[seed, 3:].any()
        assert torch.equal(last[seed, :2, :2], layout.weight(row, 1)[0, :, [1, 3]])
        assert torch.equal(last[seed, :2, 2], layout.bias(row, 1)[0])
        assert not last[seed, 2:].any()
        assert not last[seed, :, 3:].any()
    in_order = torch.cat([layout.weight(row, 0)[0, [1, 3]].flatten(), layout.weight(row, 1)[0, :, [1, 3]].flatten()])
    assert torch.equal(packing.weights(flat), in_order.repeat(2, 1))
    assert [one.tolist() for one in packing.ones(flat)] == [[1, 1]]
    assert [view[:, :3].any().item() for view in packing.passing_rows(flat)] == [False]


@pytest.mark.parametrize("density", [0.0, 0.1, 1.0])
def test_a_pattern_holds_the_unpruned_weights_and_all_biases(density: float) -> None:
    torch.manual_seed(0)
    layout = Layout((3, 9, 7, 2))
    neurons = [torch.arange(3), torch.tensor([0, 2, 3, 8]), torch.tensor([1, 2, 6]), torch.arange(2)]
    mask = torch.rand(3, 4) < density
    pattern = Pattern.of(mask, (padded_neurons(3), padded_neurons(4)))
    packing = Packing([3, 4, 3, 2], [None, pattern, None])
    sources = packing.sources(layout, neurons)
    places = layout.places(1, neurons[1], neurons[2])
    wanted = [*places[:, :-1][mask].tolist(), *places[:, -1].tolist()]
    outer = [layout.places(layer, neurons[layer], neurons[layer + 1]).flatten().tolist() for layer in (0, 2)]
    assert sorted(sources[sources >= 0].tolist()) == sorted([*wanted, *outer[0], *outer[1]])
    assert pattern.values == int(mask.sum()) + 3 + 1
    flat = packing.with_ones(torch.zeros(1, packing.size))
    assert flat.sum() == 2, "one for each hidden layer"
    assert [one.tolist() for one in packing.ones(flat)] == [[1], [1]]
