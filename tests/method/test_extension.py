"""The ladder of hidden sizes: the published sizes, and trajectories made of weight counts."""

from itertools import pairwise

import pytest

from lth.method.extension import Ladder

TWO = (8, 10, 13, 16, 20, 25, 31, 38, 47, 57, 70, 85, 104, 127, 154, 188, 229, 278, 337, 410, 498, 604, 733, 890, 1080)
TWO += (1310,)
ONE = (20, 29, 43, 64, 94, 138, 202, 297, 437, 643, 946, 1391, 2046, 3009, 4425, 6507, 9569)
THREE = (4, 5, 6, 8, 10, 12, 15, 19, 23, 29, 35, 43, 52, 63, 77, 94, 114, 139, 169, 205, 249, 302, 367, 445, 540, 655)
TWO_HIDDEN = Ladder(base=8, rate=0.32, depth=2, d_in=4, d_out=2)


def ladder(depth: int, base: int) -> Ladder:
    return Ladder(base=base, rate=0.32, depth=depth, d_in=4, d_out=2)


@pytest.mark.parametrize(("depth", "sizes"), [(1, ONE), (2, TWO), (3, THREE)])
def test_sizes_of_the_thesis(depth: int, sizes: tuple[int, ...]) -> None:
    rungs = ladder(depth, sizes[0])
    assert tuple(rungs.hidden(rung) for rung in range(len(sizes))) == sizes
    assert rungs.span(sizes[0], sizes[-1]) == sizes
    assert [rungs.rung_of(size) for size in sizes] == list(range(len(sizes)))


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_each_size_is_nearest_to_the_count_of_its_rung(depth: int) -> None:
    rungs = ladder(depth, 10)
    for rung in range(15):
        size, count = rungs.hidden(rung), rungs.weights(10) / 0.68**rung

        def weights(h: float) -> float:
            return (depth - 1) * h * h + 6 * h

        assert weights(size - 0.5) < count < weights(size + 0.5)


def test_weights_are_those_of_the_layers() -> None:
    for depth in (1, 2, 3, 4):
        shape = (4, *[8] * depth, 2)
        assert ladder(depth, 8).weights(8) == sum(a * b for a, b in pairwise(shape))
    assert [TWO_HIDDEN.weights(h) for h in (8, 38, 57)] == [112, 1672, 3591]


def test_keeps_are_the_counts_of_the_rungs_below() -> None:
    assert TWO_HIDDEN.keeps(8) == (112,)
    assert TWO_HIDDEN.keeps(16) == (352, 247, 160, 112)
    for below, above in pairwise(TWO):
        assert TWO_HIDDEN.keeps(above) == (TWO_HIDDEN.weights(above), *TWO_HIDDEN.keeps(below))


def test_keeps_with_biases() -> None:
    assert TWO_HIDDEN.keeps(13, biases=True) == (247 + 28, 160 + 22, 112 + 18)


def test_span_within_and_downwards() -> None:
    assert TWO_HIDDEN.span(16, 31) == (16, 20, 25, 31)
    assert TWO_HIDDEN.span(31, 16) == (31, 25, 20, 16)
    assert TWO_HIDDEN.span(47, 47) == (47,)


@pytest.mark.parametrize(("hidden", "nearest"), [(9, "8 and 10"), (400, "337 and 410"), (7, "8, the smallest")])
def test_off_the_ladder_names_the_nearest(hidden: int, nearest: str) -> None:
    for ask in (
        TWO_HIDDEN.rung_of,
        TWO_HIDDEN.keeps,
        lambda h: TWO_HIDDEN.span(8, h),
        lambda h: TWO_HIDDEN.span(h, 410),
    ):
        with pytest.raises(ValueError, match=f"hidden={hidden} .*nearest: {nearest}"):
            ask(hidden)


def test_a_rate_too_small_for_the_base_is_refused() -> None:
    slow = Ladder(base=3, rate=0.05, depth=3, d_in=4, d_out=2)
    assert slow.hidden(0) == slow.hidden(1)
    with pytest.raises(ValueError, match=r"base=3, rate=0.05.* must remove some"):
        slow.keeps(slow.hidden(6))


@pytest.mark.parametrize(
    "wrong", [{"base": 0}, {"rate": 0.0}, {"rate": 1.0}, {"depth": 0}, {"d_in": 0}, {"d_out": 0}], ids=str
)
def test_bad_ladders_are_refused(wrong: dict) -> None:
    right = {"base": 8, "rate": 0.32, "depth": 2, "d_in": 4, "d_out": 2}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Ladder(**right | wrong)
