"""A run folder with its page."""

from pathlib import Path

import pytest

from lth.report.__main__ import main
from tests.report.made_run import tickets, write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made run of two seeds and its page, report.html."""
    folder = write_run(tmp_path_factory.mktemp("made") / "run", [tickets(0), tickets(1)])
    assert main([str(folder)]) == 0
    return folder
