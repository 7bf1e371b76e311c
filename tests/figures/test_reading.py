"""Run folders as figures read them: a sweep of one's own, a half-finished one, and one of a known experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lth.figures.__main__ import main
from lth.figures.reading import experiments, read
from lth.record.recorder import Recorder
from lth.training.messages import SeedFailed
from tests.synthetic_run import finish_level, header, record_run


def head(hidden: int, seeds: tuple[int, ...] = (0, 1)) -> Any:
    config = {"seed": list(seeds), "model": {"hidden": hidden, "depth": 2}}
    return header(seeds, config=config, config_hash=f"h{hidden}")


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A finished stack of 8, one of 10 with a failed seed, one of 13 that was stopped after its first level."""
    folder = tmp_path / "multirun" / "extension"
    record_run(folder / "0", head(8))
    failing = Recorder(folder / "1", head(10))
    failing.failed(SeedFailed(1, 0, 7, "loss is not finite"))
    for level in range(4):
        failing.level(finish_level(folder / "1", 0, level, config_hash="h10"))
    failing.close("failed")
    stopped = Recorder(folder / "2", head(13))
    stopped.level(finish_level(folder / "2", 0, 0, config_hash="h13"))
    stopped.close("stopped")
    return folder


@pytest.mark.parametrize("above", [False, True], ids=["the folder of the experiment", "the one above it"])
def test_run_folders_of_an_experiment_are_drawn_as_far_as_they_go(sweep: Path, above: bool, capsys) -> None:
    folder = sweep.parent if above else sweep
    to = sweep.parents[1] / "figures"
    assert main(["outcomes", str(folder), "--to", str(to), "--formats", "svg"]) == 1
    text = (to / "extension-outcomes.svg").read_text()
    assert "n = 3 runs" in text
    assert "failed 1; unfinished" in text
    said = capsys.readouterr().err
    assert all(line.startswith("lth.figures: missing: ") for line in said.splitlines())


def test_a_sweep_of_ones_own_is_drawn_without_an_experiment(sweep: Path) -> None:
    own = sweep.rename(sweep.parent / "mine")
    to = own.parents[1] / "figures"
    assert main(["loss", str(own), "--to", str(to), "--formats", "svg"]) == 1
    assert f"python -m lth.figures loss {own} --to {to}" in (to / "loss.svg").read_text()


def test_experiments_are_found_by_their_tables_and_by_their_folders(sweep: Path) -> None:
    (sweep.parent / "levels.levels.parquet").write_bytes(b"")
    assert experiments(sweep.parent) == ["extension", "levels"]
    assert experiments(sweep) == []


def test_tables_made_on_the_fly_are_those_of_the_experiment(sweep: Path) -> None:
    tables = read(sweep.parent, "extension")
    assert {"levels", "null", "neurons"} <= set(tables)
    assert len(tables["levels"]) == 4 * 2 + 4 + 1
