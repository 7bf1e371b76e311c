"""The clock without training: level by level the masks that the criterion's own pruning in one go would leave."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from lth.method.clock.untrained import Untrained
from tests.configured import plan_of, trained

FALLING = ("pruning/schedule=geometric", "pruning.schedule.rate=.4", "pruning.schedule.levels=3", "seed=0..1")


def test_every_level_is_recorded_and_none_trains() -> None:
    segments = Untrained().segments((9, 5, 2))
    assert [(one.level, one.keep, one.prunes, one.restarts) for one in segments] == [
        (0, 9, False, False), (1, 5, True, True), (2, 2, True, True),
    ]  # fmt: skip
    assert all(one.epochs == 0 and one.records for one in segments)


@pytest.mark.parametrize("preset", ["untrained", "untrained_random"])
def test_weights_stay_what_they_were_drawn_and_masks_are_nested(preset: str, tmp_path: Path) -> None:
    job, found = trained(plan_of(tmp_path, f"pruning={preset}", *FALLING))
    for levels in found.values():
        assert [one.row["keep"] for one in levels] == list(job.keeps)
        assert [len(one.epochs) for one in levels] == [0] * 4
        assert all(one.row["winning"] is None for one in levels)
        for before, after in pairwise(levels):
            for layer, mask in enumerate(after.masks):
                assert not (mask & ~before.masks[layer]).any()
                assert np.array_equal(after.weights[layer], after.anchors[layer] * mask)


def test_the_untrained_keep_the_largest_of_their_first_values(tmp_path: Path) -> None:
    job, found = trained(plan_of(tmp_path, "pruning=untrained", *FALLING))
    for levels in found.values():
        first = np.concatenate([anchor.ravel() for anchor in levels[0].anchors])
        for ticket in levels:
            kept = np.concatenate([mask.ravel() for mask in ticket.masks])
            largest = np.sort(np.abs(first))[-job.keeps[ticket.level] :]
            assert np.array_equal(np.sort(np.abs(first[kept])), largest)
