"""Late rewinding beyond the end of training: said for every seed, and the step that was taken is recorded."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lth.command.run import start
from lth.ticket import Ticket, load, path_of
from tests.configured import SMALL
from tests.in_this_process import InThisProcess
from tests.small_jobs import flat

LATE = ["pruning/rewind=late", "dataset.n_train=40", "trainer.batch_size=16"]  # three steps an epoch


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)


def run(folder: Path, *overrides: str) -> pd.DataFrame:
    assert start([*SMALL, *LATE, *overrides, f"hydra.run.dir={folder}"]) == 0
    return pd.read_parquet(folder / "levels.parquet").set_index(["seed", "level"])


def is_trained(ticket: Ticket) -> bool:
    """Whether the anchor is what the dense level ended with."""
    anchor, trained = flat(ticket.anchors, ticket.anchor_biases), flat(ticket.weights, ticket.biases)
    return bool(np.array_equal(anchor, trained))


def test_every_seed_that_ended_before_the_step_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At so high a rate of learning seeds stop at epochs of their own, some of them before step 12."""
    restless = ["optimizer.lr=.2", "trainer.patience=1", "trainer.max_epochs=9", "seed=0..7"]
    table = run(tmp_path / "run", *restless, "pruning.rewind.step=12")
    said = capsys.readouterr().out
    steps = {seed: 3 * len(load(path_of(tmp_path / "run", seed, 0)).epochs) for seed in range(8)}
    early = [seed for seed in steps if steps[seed] < 12]
    assert 0 < len(early) < 8, "the case was not tried"
    for seed in range(8):
        ticket = load(path_of(tmp_path / "run", seed, 0))
        taken = min(12, steps[seed])
        assert table["anchor_step"].xs(seed, level="seed").tolist() == [taken, taken]
        assert ticket.row["anchor_step"] == taken
        assert is_trained(ticket) == (taken == steps[seed])
        lines = [line for line in said.splitlines() if "rewind" in line and f"seed {seed} " in line]
        assert len(lines) == (seed in early)
        assert all("pruning.rewind.step=12" in line and f" {taken} steps" in line for line in lines)


@pytest.mark.parametrize(("step", "taken"), [(0, 0), (1, 1), (9, 9), (10, 9), (10**12, 9)])
def test_the_step_that_was_taken(step: int, taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = run(tmp_path / "run", f"pruning.rewind.step={step}")
    assert table["anchor_step"].tolist() == [taken] * 2
    assert ("warning" in capsys.readouterr().out) == (step > taken)


@pytest.mark.parametrize("rule", ["reset", "none", "reinit"])
def test_other_rules_anchor_at_the_initialisation(rule: str, tmp_path: Path) -> None:
    assert run(tmp_path / "run", f"pruning/rewind={rule}")["anchor_step"].tolist() == [0, 0]


def test_a_resumed_run_tells_the_same_step(tmp_path: Path) -> None:
    whole = run(tmp_path / "run", "pruning.rewind.step=50")
    path_of(tmp_path / "run", 0, 1).unlink()
    pd.testing.assert_frame_equal(run(tmp_path / "run", "pruning.rewind.step=50"), whole)
