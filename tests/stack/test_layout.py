"""Where parameters lie in a seed's flat row, on a network small enough to write the places down."""

import pytest
import torch

from lth.stack.layout import ALIGNMENT, Layout, aligned, padded_inputs, padded_neurons

SMALL = Layout((2, 3, 1))  # weights 0..5, biases 6..8; weights 9..11, bias 12
ROWS = torch.arange(26).view(2, 13)


def test_weights_and_biases_are_views_layer_by_layer() -> None:
    assert (SMALL.size, SMALL.depth) == (13, 2)
    assert SMALL.weight(ROWS, 0)[0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert SMALL.weight(ROWS, 1)[1].tolist() == [[22, 23, 24]]
    assert SMALL.bias(ROWS, 0)[1].tolist() == [19, 20, 21]
    assert SMALL.bias(ROWS, 1)[0].tolist() == [12]
    assert SMALL.weight(ROWS, 1).data_ptr() == ROWS[0, 9:].data_ptr(), "a copy: nothing written to it would arrive"


def test_prunable_parameters_in_the_order_of_pruning() -> None:
    assert SMALL.prunable(biases=False).tolist() == [0, 1, 2, 3, 4, 5, 9, 10, 11]
    assert SMALL.prunable(biases=True).tolist() == list(range(13))
    assert SMALL.block_sizes(biases=False) == (6, 3)
    assert SMALL.block_sizes(biases=True) == (9, 4)


def test_places_of_some_neurons() -> None:
    assert SMALL.places(0, torch.tensor([1]), torch.tensor([0, 2])).tolist() == [[1, 6], [5, 8]]
    assert SMALL.places(1, torch.tensor([0, 2]), torch.tensor([0])).tolist() == [[9, 11, 12]]
    assert SMALL.places(1, torch.tensor([], dtype=torch.int64), torch.tensor([0])).tolist() == [[12]]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 31, 32, 33, 64])
def test_padding_leaves_room_for_the_one_and_is_aligned(count: int) -> None:
    assert aligned(count) % ALIGNMENT == 0
    assert 0 <= aligned(count) - count < ALIGNMENT
    assert padded_neurons(count) > count
    assert padded_inputs(count) > count
    assert padded_neurons(count) * padded_inputs(count) % ALIGNMENT == 0, "a block would end raggedly"
    assert padded_neurons(count) * padded_neurons(count) % ALIGNMENT == 0
