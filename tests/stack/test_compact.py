"""Which neurons train, and how they are packed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lth.stack.compact import compact_widths, pack, speaking_neurons


def random_masks(widths: list[int], density: float, seed: int) -> list[Tensor]:
    random = torch.Generator().manual_seed(seed)
    pairs = zip(widths[1:], widths, strict=False)
    return [torch.rand(shape, generator=random) < density for shape in pairs]


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=5), st.sampled_from([0.0, 0.1, 0.3, 0.6, 1.0]), st.integers(0, 50)
)
def test_a_neuron_trains_if_a_path_leads_from_it_to_an_output(widths: list[int], density: float, seed: int) -> None:
    masks = random_masks(widths, density, seed)
    found = speaking_neurons(masks)
    paths = np.eye(widths[-1], dtype=int)
    for layer in range(len(masks) - 1, 0, -1):
        paths = paths @ masks[layer].numpy().astype(int)
        assert found[layer].tolist() == np.flatnonzero(paths.sum(axis=0)).tolist()
    assert found[0].tolist() == list(range(widths[0]))
    assert found[-1].tolist() == list(range(widths[-1]))


def test_a_zombie_trains_and_a_silent_neuron_does_not() -> None:
    # Hidden neuron 0 has an output but no input (a zombie), 1 an input but no output, 2 both.
    masks = [torch.tensor([[0, 0], [1, 0], [1, 1]]).bool(), torch.tensor([[1, 0, 1]]).bool()]
    assert speaking_neurons(masks)[1].tolist() == [0, 2]


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(0, 700)), min_size=1, max_size=4))
def test_compact_widths_hold_the_neurons_and_stay_within_the_network(layers: list[tuple[int, int]]) -> None:
    counts, full = [min(pair) for pair in layers], [max(max(pair), 1) for pair in layers]
    neurons = [torch.arange(count) for count in (4, *counts, 2)]
    found = compact_widths(neurons, (4, *full, 2))
    assert (found[0], found[-1]) == (4, 2)
    for count, width, most in zip(counts, found[1:-1], full, strict=True):
        assert count <= width <= most


def test_seeds_of_similar_counts_share_a_shape() -> None:
    def width(count: int) -> int:
        return compact_widths([torch.arange(n) for n in (4, count, 2)], (4, 410, 2))[1]

    assert width(17) == width(32) < width(33) == width(64)
    assert width(400) == 400 < width(401) <= 410


def test_a_dense_network_is_packed_whole() -> None:
    masks = [mask | True for mask in random_masks([4, 410, 410, 2], 1.0, 0)]
    packing = pack(masks, speaking_neurons(masks))
    assert packing.widths == (4, 410, 410, 2)
    assert packing.patterns == (None, None, None)


@pytest.mark.parametrize(("density", "sparse"), [(0.05, True), (0.5, False)])
def test_large_and_sparse_hidden_layers_train_sparse(density: float, sparse: bool) -> None:
    masks = random_masks([4, 200, 200, 2], density, 0)
    masks[2][:] = True  # all of the last hidden layer speaks
    packing = pack(masks, speaking_neurons(masks))
    assert [pattern is not None for pattern in packing.patterns] == [False, sparse, False]
    if sparse:
        assert packing.patterns[1] is not None
        assert packing.patterns[1].values == int(masks[1].sum()) + packing.widths[2] + 1


def test_small_layers_stay_dense() -> None:
    masks = random_masks([4, 100, 100, 2], 0.02, 0)
    packing = pack(masks, speaking_neurons(masks))
    assert not any(packing.patterns)
    assert packing.widths[1] < 100


def test_an_empty_hidden_layer_is_no_reason_to_train_apart() -> None:
    masks = random_masks([4, 8, 8, 2], 0.0, 0)
    packing = pack(masks, speaking_neurons(masks))
    assert not any(packing.patterns), "seeds with patterns train one by one"
