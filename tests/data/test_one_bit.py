"""Two digits of which the left one's parity returns one: the labels, and where the bit is to be had."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lth.data import Dataset, Split, one_bit
from lth.data.side_by_side import side_by_side
from lth.data.source import PARTS, Source

either = pytest.mark.parametrize("bit", one_bit.BITS)


def parts(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.val, dataset.test


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
    for part in PARTS:
        first, second = left.parts[part], right.parts[part]
        shown = [known[image.tobytes()] for image in first.x]
        beside = [known[image.copy().tobytes()] for image in second.x[:, :64]]
        for digit, other, one, two in zip(shown, beside, first.y, second.y, strict=True):
            returned = (0, digit) if digit % 2 == 0 else (1, other)
            assert [(0, 2 * at) for at in np.flatnonzero(one)] + [(1, at) for at in np.flatnonzero(two)] == [returned]
        for drawn in (shown, beside):
            counts = np.bincount(drawn)
            assert len(counts) == digits
            assert np.ptp(counts) <= 1


def test_given_the_last_input_of_the_right_is_the_parity_and_across_it_says_nothing(raw: list[Source]) -> None:
    given, across = (one_bit.build(bit) for bit in ("given", "across"))
    for part, told, untold in zip(PARTS, parts(given), parts(across), strict=True):
        even = raw[0].parts[part].y.sum(1) == 1
        np.testing.assert_array_equal(told.x[:, 128] > 0, even)
        assert abs(np.corrcoef(untold.x[:, 128], even)[0, 1]) < 4 / np.sqrt(len(even))
        np.testing.assert_array_equal(told.x[:, :128], untold.x[:, :128])
        np.testing.assert_array_equal(told.y, untold.y)


def test_without_the_bit_two_digits_on_the_right_can_be_told_to_a_third(raw: list[Source]) -> None:
    one_bit.build()
    right = raw[1].parts["train"]
    digit = right.y.argmax(1)[right.y.sum(1) == 1]
    assert set(digit.tolist()) == {0, 1}
    # The best that can be said of an output from the right digit alone is its mean for that digit.
    pixels, labels = map(np.asarray, load_digits(return_X_y=True))
    known = {image.tobytes(): int(label) for image, label in zip(pixels, labels, strict=True)}
    of = np.array([known[image.copy().tobytes()] for image in right.x[:, :64]])
    for output in right.y.T:
        said = np.array([output[of == one].mean() for one in (0, 1)])[of]
        assert 1 - ((output - said) ** 2).mean() / output.var() == pytest.approx(1 / 3, abs=0.05)


@either
def test_the_halves_are_paired_at_random(bit: str, raw: list[Source]) -> None:
    dataset = one_bit.build(bit)
    assert [len(task.inputs) for task in dataset.tasks] == [64, 65]
    for part in PARTS:
        one, two = (source.parts[part].x[:, :64] for source in raw)
        assert len({left.tobytes() + right.tobytes() for left, right in zip(one, two, strict=True)}) > 0.8 * len(one)


def test_no_image_of_a_part_is_in_another(raw: list[Source]) -> None:
    one_bit.build()
    images = [{image.tobytes() for source in raw for image in source.parts[part].x[:, :64].copy()} for part in PARTS]
    assert not any(one & two for one, two in combinations(images, 2))


def test_too_many_digits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^digits=11: must be a whole number from 2 to 10$"):
        one_bit.build(digits=11)
