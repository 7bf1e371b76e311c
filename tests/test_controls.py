"""Controls of tickets: what they start from, that a ticket reproduces its level, and the command with its faults."""

import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from lth.command.run import start
from lth.controls.__main__ import main
from lth.controls.asked import Controlled, Training
from lth.controls.elsewhere import fresh_data
from lth.controls.known import USUAL
from lth.controls.recorded import planned
from lth.controls.start import shuffled
from lth.controls.train import train
from lth.controls.work import Controls
from lth.files import checked_json
from lth.method.clock.clock import Segment
from lth.method.layout import Layout
from lth.method.restart.late import Late
from lth.results import table as results
from lth.settings.foreign import named
from lth.ticket import load, path_of, save
from lth.training.job import Job
from lth.training.mlp import initial_rows
from lth.training.module import StackModule
from tests.in_this_process import InThisProcess
from tests.small_jobs import flat, run, small_job, tickets, unpruned

LEVELS = {0: 3, 1: 2, 2: 1}  # each seed at a level of its own
VARIANTS = {
    "plain": {},
    "late, biases, best": {"restart": Late(5), "biases": True, "bias_init": "normal", "restore_best": True},
    "decay": {"optimizer": partial(torch.optim.AdamW, lr=1e-3, weight_decay=0.1, fused=True)},
}


def asked_of(job: Job) -> Controls:
    trainings = tuple(Training(seed, level, True, control) for seed, level in LEVELS.items() for control in USUAL)
    return Controls(replace(job, seeds=tuple(one.seed for one in trainings)), trainings)


def controlled(job: Job) -> dict[tuple[int, str], Controlled]:
    said: list[object] = []
    train(asked_of(job), said.append)
    return {(one.training.seed, one.training.control): one for one in said if isinstance(one, Controlled)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_ticket_trained_again_gives_every_bit_of_its_level(variant: str, tmp_path: Path) -> None:
    job = small_job(tmp_path, **VARIANTS[variant])
    run(job)
    found = controlled(job)
    assert set(found) == {(seed, control) for seed in LEVELS for control in USUAL}
    assert [found[seed, "ticket"].reproduced for seed in LEVELS] == [True] * 3
    assert all(one.reproduced is None for (_, control), one in found.items() if control != "ticket")
    losses = {key: one.row["val_loss"] for key, one in found.items() if one.row}
    assert len(set(losses.values())) == len(losses) == 12


def test_a_ticket_with_one_other_weight_is_not_reproduced(tmp_path: Path) -> None:
    job = small_job(tmp_path)
    run(job)
    path = path_of(tmp_path, 1, LEVELS[1])
    ticket = load(path)
    ticket.weights[1][ticket.masks[1]] += np.float32(1e-6)
    save(path, ticket)
    found = controlled(job)
    assert [found[seed, "ticket"].reproduced for seed in LEVELS] == [True, False, True]


def test_controls_start_from_what_their_names_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_job(tmp_path)
    run(job)
    starts: list[tuple[torch.Tensor, torch.Tensor]] = []

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        assert [segment.level for segment in segments.values()] == [level for level in LEVELS.values() for _ in USUAL]
        starts.extend(zip(self.model.weight.clone(), self.model.mask.clone(), strict=True))
        original(self, segments)

    original = StackModule.start_segment
    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    train(asked_of(job), lambda _: None)
    for training, (rows, mask) in zip(asked_of(job).trainings, starts, strict=True):
        before, ticket = tickets(job, training.seed)[training.level - 1 : training.level + 1]
        kept = unpruned(ticket)
        anchor = flat(ticket.anchors, ticket.anchor_biases)
        assert np.array_equal(mask.numpy(), kept) == (training.control != "shuffled")
        if training.control == "continued":
            assert np.array_equal(rows.numpy(), flat(before.weights, before.biases) * kept)
        elif training.control == "reinit":
            dense = initial_rows(job.widths, [training.seed])[0].numpy()
            assert not np.isin(rows.numpy()[rows.numpy() != 0], dense).any()
            assert np.count_nonzero(rows) == np.count_nonzero(anchor * kept)
        else:
            assert np.array_equal(rows.numpy(), anchor * mask.numpy())


def test_a_shuffled_mask_keeps_each_layer_s_counts() -> None:
    layout = Layout((4, 30, 20, 2))
    mask = torch.rand(1, layout.size, generator=torch.Generator().manual_seed(0)) < 0.2
    drawn = shuffled(layout, mask, torch.Generator().manual_seed(1))
    assert not torch.equal(drawn, mask)
    for layer in range(3):
        for part in (layout.weight, layout.bias):
            assert part(drawn, layer).sum() == part(mask, layer).sum()


def test_what_ends_before_a_stop_is_sent(tmp_path: Path) -> None:
    job = small_job(tmp_path)
    run(job)
    said: list[object] = []
    train(asked_of(job), said.append, lambda: any(isinstance(one, Controlled) for one in said))
    done = [one for one in said if isinstance(one, Controlled)]
    assert 0 < len(done) < 12
    assert len(said) == len(done) + 1


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of two sizes and two seeds."""
    folder = tmp_path_factory.mktemp("sweep") / "multirun"
    reduced = ["dataset.n_train=150", "dataset.n_val=150", "dataset.n_test=100", "trainer.max_epochs=6"]
    given = ["model.hidden=10,13", "seed=0..1", "tracking=off", "trainer.workers=1", f"hydra.sweep.dir={folder}"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lth.jobs.execution.Pool", InThisProcess)
        assert start(["-m", *reduced, *given]) == 0
    return folder


def read(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "controls.parquet")


def test_the_command_writes_a_table_into_every_run_folder(sweep: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runs = results.load(sweep)
    assert main([str(sweep), "--workers", "1"]) == 0
    assert capfd.readouterr().err == ""
    for name, levels in runs.groupby("run"):
        table = read(sweep / str(name))
        assert table["control"].tolist() == ["dense", *USUAL] * 2
        assert table["reproduced"].dropna().tolist() == [True, True]
        for seed, group in levels.groupby("seed"):
            separated = group.loc[group["status"] == "separated", "level"]
            at = int(separated.iloc[0] if len(separated) else group["level"].max())
            own = table[table["seed"] == seed].set_index("control")
            assert own["separated"].tolist() == [bool(len(separated))] * 5
            assert own["level"].tolist() == [0, at, at, at, at]
            for control, level in (("dense", 0), ("ticket", at)):
                recorded = group.set_index("level").loc[level]
                for column in ("epochs", "val_loss", "test_accuracy", "test_accuracy_moons", "val_loss_circles"):
                    assert own.loc[control, column] == recorded[column]
    pd.testing.assert_frame_equal(results.load(sweep), runs)


def test_a_second_call_trains_only_what_is_missing(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sorted(sweep.iterdir()) if path.is_dir()), folder)
    assert main([str(folder), "--workers", "1"]) == 0
    whole, bytes_ = read(folder), (folder / "controls.parquet").read_bytes()

    from lth.controls import table
    from lth.controls.execute import _Stack

    plan = planned(folder, named([]))
    tasks = ["moons", "circles"]
    rows = table.read(folder, tasks, plan.config_hash)
    table.write(folder, rows[:7], tasks, plan.config_hash)
    (part,) = _Stack(plan).parts(1)
    assert [one.control for one in part.trainings] == list(USUAL[1:])
    assert {one.seed for one in part.trainings} == {1}
    assert main([str(folder), "--workers", "1"]) == 0
    pd.testing.assert_frame_equal(read(folder), whole)
    assert (folder / "controls.parquet").read_bytes() == bytes_
    table.write(folder, rows, tasks, "another configuration")
    assert sum(len(part.trainings) for part in _Stack(plan).parts(1)) == 8


def test_faults_are_named_and_the_rest_is_done(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "multirun"
    shutil.copytree(sweep, folder)
    one, other = sorted(path for path in folder.iterdir() if path.is_dir())
    ticket = path_of(one, 1, 0)
    ticket.write_bytes(ticket.read_bytes()[:-1])
    (one / "controls.parquet").unlink(missing_ok=True)
    (other / "controls.parquet").write_bytes(b"not a table")
    (folder / "third").mkdir()
    (folder / "third" / "summary.json").write_bytes(checked_json.pack({}))
    assert main([str(folder), "--workers", "1"]) == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 3
    assert any("third" in line and "not the summary" in line for line in said)
    assert any("seed 1" in line and str(ticket) in line and "truncated" in line for line in said)
    assert any("controls.parquet" in line and "trained anew" in line for line in said)
    assert read(one)["seed"].unique().tolist() == [0]
    assert len(read(other)) == 10
    assert ticket.exists()  # nothing of the run is moved or renamed


def test_what_cannot_be_is_refused_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert capfd.readouterr().err == f"lth.controls: {tmp_path / 'nowhere'}: no such folder\n"
    (tmp_path / "summary.json").write_text(json.dumps({"config": {}, "seeds": {"0": {}}, "config_hash": "x"}))
    assert main([str(tmp_path)]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    with pytest.raises(SystemExit) as stop:
        main([str(tmp_path), "--workers", "0"])
    assert stop.value.code == 2


def test_levels_and_controls_are_those_asked_for(sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lth.controls.execute.Pool", InThisProcess)
    folder = tmp_path / "run"
    shutil.copytree(next(path for path in sorted(sweep.iterdir(), reverse=True) if path.is_dir()), folder)
    (folder / "controls.parquet").unlink(missing_ok=True)
    assert main([str(folder), "--workers", "1", "--levels", "2,1,40", "--controls", "permuted,reinit"]) == 0
    table = read(folder)
    asked = [(0, "dense"), *((level, control) for control in ("reinit", "permuted") for level in (1, 2))]
    assert list(table[["level", "control"]].itertuples(index=False, name=None)) == asked * 2
    assert table["reproduced"].isna().all()
    levels = results.load(folder).set_index(["seed", "level"])["status"]
    for row in table[table["level"] > 0].itertuples():
        assert row.separated == (levels.loc[row.seed, row.level] == "separated")
    assert main([str(folder), "--workers", "1", "--levels", "1", "--controls", "fresh-ticket"]) == 0
    more = read(folder)
    assert more["control"].tolist() == ["dense", "reinit", "reinit", "permuted", "permuted", "fresh-ticket"] * 2
    kept = more[more["control"] != "fresh-ticket"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, table)


def test_fresh_data_are_drawn_by_another_seed(sweep: Path) -> None:
    plan = planned(next(path for path in sweep.iterdir() if (path / "summary.json").exists()), named([]))
    fresh = fresh_data(plan)
    assert fresh.tasks == plan.dataset.tasks
    assert len(fresh.train) == len(plan.dataset.train)
    assert not np.isin(fresh.train.x, plan.dataset.train.x).any()


@pytest.mark.parametrize("asked", [["--levels", "0"], ["--levels", "1,x"], ["--controls", "dense"], ["--controls", ""]])
def test_levels_and_controls_that_are_none(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["somewhere", *asked])
    assert stop.value.code == 2
    assert "must be " in capsys.readouterr().err.splitlines()[-1]
