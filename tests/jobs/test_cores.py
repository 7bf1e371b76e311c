"""What each launcher's configuration leaves of the machine to one stack."""

import os
from typing import Any

import pytest

from lth.jobs.cores import available, shared


@pytest.fixture(autouse=True)
def _sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    monkeypatch.setattr(os, "cpu_count", lambda: 16)


@pytest.mark.parametrize(
    ("launcher", "cores"),
    [
        ({"_target_": "pool"}, 16),
        ({"cpus_per_task": 4}, 4),
        ({"cpus_per_task": None}, 1),
        ({"cpus_per_task": 99}, 16),
        ({"ray": {"init": {}, "remote": {"num_cpus": 3}}}, 3),
        ({"ray": {"init": {}, "remote": {}}}, 1),
        ({"n_jobs": 5}, 3),
        ({"n_jobs": -1}, 1),
        ({"n_jobs": -15}, 8),
        ({"n_jobs": 1}, 16),
    ],
)
def test_the_share_of_one_stack(launcher: dict[str, Any], cores: int) -> None:
    with shared(launcher):
        assert available() == cores
    assert available() == 16
