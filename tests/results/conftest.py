"""Sweeps to read: a small one with everything that can become of a stack, and a wide one."""

from pathlib import Path

import pytest

from lth.record.recorder import Recorder
from lth.training.messages import SeedFailed
from tests.results.made_sweep import head
from tests.synthetic_run import STATUSES, finish_level, header, record_run


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Two finished stacks (of 8 and 10), one stopped half way, one with a failed seed, and a folder without runs."""
    for number, hidden in enumerate((8, 10)):
        record_run(tmp_path / "sweep" / str(number), head(hidden), ticket=False)
    stopped = Recorder(tmp_path / "sweep" / "2", head(13))
    stopped.level(finish_level(tmp_path, 0, 0, ticket=False))
    stopped.close("stopped")
    failed = Recorder(tmp_path / "sweep" / "10", head(16))
    for level in range(4):
        failed.level(finish_level(tmp_path, 0, level, ticket=False))
    failed.failed(SeedFailed(1, 0, 9, "validation loss is inf"))
    failed.close("failed")
    (tmp_path / "sweep" / "notes").mkdir()
    return tmp_path / "sweep"


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    """Three keys that vary, every outcome, seeds that failed."""
    place = tmp_path / "wide"
    for number, (hidden, rate) in enumerate([(8, 0.001), (1310, 0.0001)]):
        penalty = {"_target_": f"lth.penalty.L{number}"}
        own = {"model": {"hidden": hidden}, "optimizer": {"lr": rate}, "penalty": penalty}
        recorder = Recorder(place / str(number), header(range(9), config=own, config_hash=f"h{number}"))
        for seed in range(4):
            for level, status in enumerate([*STATUSES[:2], STATUSES[seed], "degraded" if seed % 2 else STATUSES[seed]]):
                recorder.level(finish_level(place / str(number), seed, level, status=status, ticket=False))
        for seed in range(5, 9):
            recorder.failed(SeedFailed(seed, 0, 9, "the loss is not finite, and this is said at great length"))
        recorder.close("failed")
    return place
