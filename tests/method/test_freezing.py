"""The clock of scores that are given up bit by bit."""

import pytest

from lth.method.clock.clock import Segment, aimed, recorded
from lth.method.clock.freezing import Freezing


def test_a_level_falls_in_parts_to_its_count() -> None:
    segments = Freezing(every=5, prunings=2).segments((1000, 250, 10))
    assert [(s.level, s.part, s.keep, s.epochs, s.records) for s in segments] == [
        (0, 0, 1000, 0, True),
        (1, 0, 1000, 5, False), (1, 1, 500, 5, False), (1, 2, 250, 0, True),
        (2, 0, 250, 5, False), (2, 1, 50, 5, False), (2, 2, 10, 0, True),
    ]  # fmt: skip
    assert [segment.prunes for segment in segments] == [False, False, True, True, False, True, True]
    assert [segment.goal for segment in aimed(segments)] == [None, 500, 250, None, 50, 10, None]
    assert Freezing().segments((7,)) == (Segment(0, 7, prunes=False, restarts=False, epochs=0),)
    assert Freezing(5, 2).segments(recorded(segments)) == segments
    few = Freezing(prunings=5).segments((4, 2))  # where fewer are to go, some prunings take none
    assert [segment.keep for segment in few] == [4, 4, 3, 3, 3, 2]


@pytest.mark.parametrize("wrong", [{"every": 0}, {"prunings": 0}])
def test_numbers_that_cannot_be_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Freezing(**wrong)
