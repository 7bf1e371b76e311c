"""One reduced comparison for all tests that only read it."""

from pathlib import Path

import pytest

from lth.comparison import __main__ as comparison

SMALL = ("dataset.n_train=80", "dataset.n_val=80", "dataset.n_test=60", "trainer.max_epochs=2", "trainer.workers=1")
METHODS = ("magnitude", "snip")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reduced comparison of two methods."""
    where = tmp_path_factory.mktemp("comparison")
    arguments = [str(where), "--reduced", "--seeds", "0..1", "--methods", ",".join(METHODS), *SMALL]
    assert comparison.main(arguments) == 0
    return where
