"""Two digits of which the left one's parity returns one: the labels, and where the bit is to be had."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lth.data import one_bit
from lth.data.side_by_side import side_by_side
from lth.data.source import Source

LEFT, RIGHT = slice(0, 64), slice(64, 128)
either = pytest.mark.parametrize("bit", one_bit.BITS)


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> list[Source]:
    """What is put side by side, before it is standardised."""
    seen: list[Source] = []

    def keep(name: str, sources: Sequence[Source], **options: object) -> object:
        seen.extend(sources)
        return side_by_side(name, sources, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("lth.data.one_bit.side_by_side", keep)
    return seen


@either
@pytest.mark.parametrize("seed", [0, 7])
def test_the_parity_of_the_left_digit_decides_which_is_returned(bit: str, seed: int, raw: list[Source]) -> None:
    one_bit.build(bit, seed=seed)
    pixels, digits = map(np.asarray, load_digits(return_X_y=True))
    known = {image.tobytes(): int(digit) for image, digit in zip(pixels, digits, strict=True)}
    left, right = raw
    for part in ("train", "val", "test"):
        first, second = left.parts[part], right.parts[part]
        for image, other, one, two in zip(first.x, second.x[:, :64], first.y, second.y, strict=True):
            digit, beside = known[image.tobytes()], known[other.copy().tobytes()]
            if digit % 2 == 0:
                assert (one.argmax(), two.argmax()) == (digit // 2, 10)
            else:
                assert (one.argmax(), two.argmax()) == (5, beside)


def test_given_the_last_input_of_the_right_is_the_parity_and_across_it_says_nothing() -> None:
    given, across = (one_bit.build(bit) for bit in ("given", "across"))
    for told, untold in zip((given.train, given.val, given.test), (across.train, across.val, across.test), strict=True):
        even = told.y[:, 16] == 1  # the right says nothing
        np.testing.assert_array_equal(told.x[:, 128] > 0, even)
        assert abs(np.corrcoef(untold.x[:, 128], even)[0, 1]) < 4 / np.sqrt(len(even))
        np.testing.assert_array_equal(told.x[:, :128], untold.x[:, :128])
        np.testing.assert_array_equal(told.y, untold.y)


@either
def test_every_output_is_wanted_in_every_part_and_the_halves_are_paired_at_random(bit: str) -> None:
    dataset = one_bit.build(bit)
    for part in (dataset.train, dataset.val, dataset.test):
        assert (part.y.sum(0) > 0).all()
        assert 0.4 < part.y[:, 16].mean() < 0.6
        likeness = np.corrcoef(part.x[:, LEFT].ravel(), part.x[:, RIGHT].ravel())[0, 1]
        assert abs(likeness) < 0.1
    assert [len(task.inputs) for task in dataset.tasks] == [64, 65]
