"""The door in one process, and two tasks to train on."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from lth.data import Dataset
from tests.in_this_process import InThisProcess


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr("lth.jobs.execute.Pool", InThisProcess)
    monkeypatch.setattr("lth.door.one_stack.warm_up", lambda: None)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def arrays() -> Dataset:
    random = np.random.default_rng(0)
    x = random.normal(size=(120, 4))
    y = np.stack([x[:, 0] > x[:, 1], x[:, 2] * x[:, 3] > 0], axis=1)
    return Dataset.from_arrays(x, y, {"left": ([0, 1], 0), "right": ([2, 3], 1)})
