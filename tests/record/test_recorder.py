"""lth.record.recorder: the run folder, whatever happens to it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from lth.record.recorder import Recorder
from lth.ticket.file import path_of
from lth.training.messages import SeedFailed
from tests.record.read_back import NAMES, summary
from tests.synthetic_run import KEEPS, PIXEL, STATUSES, finish_level, header, record_run, row


def test_a_whole_stack_leaves_the_files_of_the_contract(tmp_path: Path) -> None:
    record_run(tmp_path, header(seeds=(0, 7)))
    levels = pd.read_parquet(tmp_path / "levels.parquet")
    places = list(zip(levels["seed"], levels["level"], strict=True))
    assert places == [(seed, level) for seed in (0, 7) for level in range(4)]
    for seed, level in places:
        assert path_of(tmp_path, seed, level).exists()
    epochs = pd.read_parquet(tmp_path / "epochs.parquet")
    assert len(epochs) == levels["epochs"].sum()
    expected = np.random.default_rng((7, 2, 1)).random((5, 3))
    found = epochs[(epochs.seed == 7) & (epochs.level == 2)]
    for number, name in enumerate(("train_loss", "val_loss", "val_accuracy")):
        np.testing.assert_array_equal(found[name], expected[:, number])
    assert (tmp_path / "tickets/seed=7/ticket.png").read_bytes() == PIXEL


def test_the_tables_hold_the_rows_exactly(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    for line in pq.read_table(tmp_path / "levels.parquet").to_pylist():
        expected = row(line["seed"], line["level"])
        assert {name: value for name, value in expected.items() if value == value} == {
            name: line[name] for name, value in expected.items() if value == value
        }
        assert line["zombie_bias_mean"] is None


def test_summary_names_outcomes_and_what_ran(tmp_path: Path) -> None:
    record_run(tmp_path, header())
    found = summary(tmp_path)
    assert found["status"] == "finished"
    assert found["seeds"]["0"]["outcome"] == "separated-degraded"
    assert (found["seeds"]["1"]["first_separation"], found["seeds"]["1"]["first_degradation"]) == (2, 3)
    assert set(found["versions"]) == {"python", "torch", "lightning", "numpy", "lth"}
    assert found["device"] == "cpu"
    assert found["keeps"] == list(KEEPS)


def test_a_failed_seed_is_in_the_summary_at_once_and_the_others_go_on(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, header())
    recorder.level(finish_level(tmp_path, 0, 0))
    recorder.failed(SeedFailed(1, 0, 5, "validation loss is nan"))
    now = summary(tmp_path)
    assert now["failed"] == [1] or now["seeds"]["1"]["state"] == "failed"
    assert now["seeds"]["1"]["failure"] == {"level": 0, "epoch": 5, "reason": "validation loss is nan"}
    assert now["status"] == "running"
    recorder.close("failed")
    assert summary(tmp_path)["status"] == "failed"
    assert pd.read_parquet(tmp_path / "levels.parquet")["seed"].tolist() == [0]


def test_summary_numbers_are_finite_or_null(tmp_path: Path) -> None:
    config = {"loss_cutoff": float("inf"), "deep": [float("nan"), np.float32(0.5)]}
    Recorder(tmp_path, header(config=config)).close("finished")
    assert summary(tmp_path)["config"] == {"loss_cutoff": None, "deep": [None, 0.5]}


def test_a_fresh_folder_has_every_table_before_anything_trained(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "new", header())
    assert [pq.read_table(tmp_path / "new" / name).num_rows for name in NAMES[1:]] == [0, 0]
    assert summary(tmp_path / "new")["status"] == "running"
    recorder.close("stopped")
    assert summary(tmp_path / "new")["seeds"]["0"]["state"] == "stopped"


def test_a_resumed_stack_doubles_no_row_and_keeps_its_id(tmp_path: Path) -> None:
    first = Recorder(tmp_path, header())
    done = [finish_level(tmp_path, seed, level) for seed in (0, 1) for level in (0, 1)]
    for level in done:
        first.level(level)
    first.close("stopped")
    before = summary(tmp_path)
    again = Recorder(tmp_path, header(), finished=done)
    assert pq.read_table(tmp_path / "levels.parquet").num_rows == 4  # never thinner than before
    again.level(done[-1])
    for seed, level in ((0, 2), (0, 3), (1, 2), (1, 3)):
        again.level(finish_level(tmp_path, seed, level))
    again.close("finished")
    straight = tmp_path / "straight"
    record_run(straight, header())
    for name in NAMES[1:]:
        assert (tmp_path / name).read_bytes() == (straight / name).read_bytes()
    after = summary(tmp_path)
    assert (after["id"], after["started"]) == (before["id"], before["started"])
    assert after["wall_seconds"] >= before["wall_seconds"]


def test_a_broken_summary_of_an_earlier_process_is_not_trusted(tmp_path: Path) -> None:
    for content in ("", '{"id": 3, "wall_seconds": "x"}', "[1]", '{"id"'):
        (tmp_path / "summary.json").write_text(content)
        Recorder(tmp_path, header()).close("finished")
        assert isinstance(summary(tmp_path)["id"], str)


def test_a_row_for_each_status_is_what_the_fixture_says(tmp_path: Path) -> None:
    record_run(tmp_path, header(seeds=(4,)))
    assert pd.read_parquet(tmp_path / "levels.parquet")["status"].tolist() == list(STATUSES)
