"""Two digits of which the left one's parity returns one: the labels, and where the bit is to be had."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lth.data import one_bit
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Source

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
@pytest.mark.parametrize(("digits", "seed"), [(2, 0), (3, 1), (4, 7), (10, 0)])
def test_the_parity_of_the_left_digit_decides_which_is_returned(
    bit: str, digits: int, seed: int, raw: list[Source]
) -> None:
    one_bit.build(bit, digits, seed=seed)
    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    known = {image.tobytes(): int(digit) for image, digit in zip(pixels, labels, strict=True)}
    left, right = raw
    nothing = (digits + 1) // 2, digits
    for part in PARTS:
        first, second = left.parts[part], right.parts[part]
        shown = [known[image.tobytes()] for image in first.x]
        beside = [known[image.copy().tobytes()] for image in second.x[:, :64]]
        for digit, other, one, two in zip(shown, beside, first.y.argmax(1), second.y.argmax(1), strict=True):
            assert (one, two) == ((digit // 2, nothing[1]) if digit % 2 == 0 else (nothing[0], other))
        for drawn in (shown, beside):
            counts = np.bincount(drawn)
            assert len(counts) == digits
            assert np.ptp(counts) <= 1


def test_given_the_last_input_of_the_right_is_the_parity_and_across_it_says_nothing() -> None:
    given, across = (one_bit.build(bit) for bit in ("given", "across"))
    for told, untold in zip((given.train, given.val, given.test), (across.train, across.val, across.test), strict=True):
        even = told.y[:, -1] == 1  # the right says nothing
        np.testing.assert_array_equal(told.x[:, 128] > 0, even)
        assert abs(np.corrcoef(untold.x[:, 128], even)[0, 1]) < 4 / np.sqrt(len(even))
        np.testing.assert_array_equal(told.x[:, :128], untold.x[:, :128])
        np.testing.assert_array_equal(told.y, untold.y)


@either
def test_every_output_is_wanted_in_every_part_and_the_halves_are_paired_at_random(bit: str, raw: list[Source]) -> None:
    dataset = one_bit.build(bit)
    assert [len(task.inputs) for task in dataset.tasks] == [64, 65]
    for part in (dataset.train, dataset.val, dataset.test):
        assert (part.y.sum(0) > 0).all()
        assert part.y[:, -1].mean() == 0.5
    for part in PARTS:
        pairs = {
            (one.tobytes(), two[:64].tobytes())
            for one, two in zip(raw[0].parts[part].x, raw[1].parts[part].x, strict=True)
        }
        assert len(pairs) > 0.95 * len(raw[0].parts[part].x)


def test_no_image_of_a_part_is_in_another(raw: list[Source]) -> None:
    one_bit.build()
    images = [{image.tobytes() for source in raw for image in source.parts[part].x[:, :64].copy()} for part in PARTS]
    assert not any(one & two for one, two in combinations(images, 2))


def test_too_many_digits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^digits=11: must be a whole number from 2 to 10$"):
        one_bit.build(digits=11)
