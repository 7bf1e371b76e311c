"""Where parameters lie in a seed's flat row, on a network small enough to write the places down."""

import torch

from lth.method.layout import Layout

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


def test_parts_are_views_layer_by_layer() -> None:
    parts = SMALL.parts(ROWS[1])
    assert [part.tolist() for part in parts] == [[[13, 14], [15, 16], [17, 18]], [19, 20, 21], [[22, 23, 24]], [25]]
    assert parts[2].data_ptr() == ROWS[1, 9:].data_ptr(), "a copy: nothing written to it would arrive"
