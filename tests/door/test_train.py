"""`lth.train` is the command line's run: the same checks, the same bits, the same folder."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

import lth
from lth.command.run import start
from lth.controls.__main__ import main as controls
from lth.data import Dataset
from lth.settings import ConfigurationError
from tests.door.asked import PRUNING, SHORT, SMALL, TYPED, everything, tensors


def test_the_same_configuration_gives_the_same_bits_and_the_same_folder(tmp_path: Path) -> None:
    typed, called = tmp_path / "typed", tmp_path / "called"
    code = start(["seed=0..1", "model.hidden=[6,5]", *TYPED, *SMALL, *SHORT, "tracking=off", f"hydra.run.dir={typed}"])
    runs = lth.train(
        "moons_circles", *SMALL, *SHORT, "tracking=off",
        hidden=(6, 5), seeds=range(2), pruning=PRUNING, folder=called, progress=False,
    )  # fmt: skip
    assert code == 0
    assert len(tensors(typed)) == 6
    assert tensors(called) == tensors(typed)
    names = [{str(path.relative_to(one)) for path in one.rglob("*") if path.is_file()} for one in (typed, called)]
    assert names[0] == names[1]
    for name in ("levels.parquet", "epochs.parquet", "tickets/seed=0/ticket.png", ".hydra/config.yaml"):
        assert (called / name).read_bytes() == (typed / name).read_bytes(), name
    records = [yaml.safe_load((one / ".hydra/hydra.yaml").read_text())["hydra"] for one in (typed, called)]
    assert records[0].keys() == records[1].keys()
    assert not runs.failed


def test_the_runs_are_tables_and_tickets(arrays: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    runs = lth.train(arrays, *SHORT, hidden=6, seeds=[3, 1], pruning=PRUNING)
    assert "level 2/2" in capsys.readouterr().out
    assert runs.seeds == (1, 3)
    assert len(runs.levels) == 6
    assert len(runs.epochs) == runs.levels["epochs"].sum()
    assert list(runs.outcomes["state"]) == ["finished", "finished"]
    assert [ticket.level for ticket in runs.tickets(3)] == [0, 1, 2]
    assert "2 seeds" in repr(runs)
    assert "<table" in runs._repr_html_()
    assert runs.report().read_text().startswith("<!")
    with pytest.raises(ValueError, match=r"seed=2: must be one of 1, 3"):
        runs.ticket(2)
    with pytest.raises(ValueError, match=r"level=7: must be from 0 to 2"):
        runs.ticket(level=7)
    folder = runs.folder
    assert folder.is_dir()
    del runs
    assert not folder.exists()


@pytest.mark.parametrize(
    ("statuses", "level"),
    [
        (["interconnected", "separated", "separated", "degraded"], 1),
        (["interconnected", "interconnected", "degraded"], 1),
        (["degraded", "degraded"], 1),
    ],
)
def test_the_ticket_to_look_at(statuses: list[str], level: int) -> None:
    from lth.door.runs import _to_look_at

    assert _to_look_at(list(range(len(statuses))), statuses) == level


def test_a_ticket_in_torch_has_the_recorded_accuracy(arrays: Dataset) -> None:
    runs = lth.train(arrays, "trainer.max_epochs=40", hidden=6, seeds=0, pruning=PRUNING, progress=False)
    for ticket in runs.tickets():
        with torch.no_grad():
            answers = ticket.to_torch()(torch.from_numpy(arrays.test.x)).numpy() > 0
        right = (answers == arrays.test.y).mean(axis=0)
        assert right.mean() == pytest.approx(ticket.row["test_accuracy"])
        assert right.tolist() == pytest.approx([ticket.row[f"test_accuracy_{name}"] for name in arrays.task_names])


def test_a_folder_goes_on_with_more_seeds(arrays: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    asked = {"hidden": 6, "pruning": PRUNING, "folder": folder, "progress": False}
    lth.train(arrays, *SHORT, "tracking=off", seeds=0, **asked)
    before = tensors(folder)
    written = {name: (folder / name).stat().st_mtime_ns for name in before}
    runs = lth.train(arrays, *SHORT, "tracking=off", seeds=1, **asked)
    assert runs.seeds == (0, 1)
    assert {name: (folder / name).stat().st_mtime_ns for name in before if "seed=0" in name}.items() <= written.items()
    now = everything(folder)
    with pytest.raises(ConfigurationError, match=r"folder=.*another configuration"):
        lth.train(arrays, *SHORT, "tracking=off", seeds=1, **{**asked, "hidden": 7})
    other = Dataset.from_arrays(np.random.default_rng(1).normal(size=(50, 4)), np.arange(50) % 2)
    with pytest.raises(ConfigurationError, match=r"folder=.*another configuration"):
        lth.train(other, *SHORT, "tracking=off", seeds=1, **asked)
    assert everything(folder) == now


def test_a_folder_of_arrays_is_whole_the_command_line_goes_on_with_it(
    arrays: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its data lie in it; where it was moved to is named, as every place is, and no part of what was computed."""
    first = lth.train(
        arrays, *SHORT, "tracking=off", hidden=6, pruning=PRUNING, folder=tmp_path / "runs", progress=False
    )
    hashed = json.loads((first.folder / "summary.json").read_text())["config_hash"]
    assert start(["--resume", str(first.folder), "seed=0..1"]) == 2
    assert "dataset.arrays" in (said := capsys.readouterr().err)
    assert "is a place outside the folder" in said
    moved = tmp_path / "moved"
    first.folder.rename(moved)
    from lth.data import stored
    from lth.jobs import plan

    stored._HELD.clear()
    plan._DATASETS.clear()
    plan._dataset.cache_clear()
    named = f"dataset.arrays={moved / 'dataset.safetensors'}"
    assert start(["--resume", str(moved), "seed=0..1", named]) == 0
    summary = json.loads((moved / "summary.json").read_text())
    assert (summary["config_hash"], list(summary["seeds"])) == (hashed, ["0", "1"])
    assert lth.Runs(moved).seeds == (0, 1)
    assert controls([str(moved), named, "--workers", "1"]) == 0


@pytest.mark.parametrize(
    ("arguments", "asked", "said"),
    [
        (("nothing",), {}, "dataset=nothing: must be one of"),
        (("../x",), {}, "dataset=../x: must be a name"),
        ((3,), {}, "dataset=int: must be an lth.Dataset"),
        (("moons_circles", "trainer.patience=0"), {}, "trainer.patience=0: must be an integer of 1 or more"),
        (("moons_circles",), {"hidden": 60}, "model.hidden=60"),
        (("moons_circles",), {"hidden": "eight"}, "model.hidden=eight: must be an integer"),
        (("moons_circles",), {"hidden": [8, 0]}, "model.hidden=[8,0]: must be an integer"),
        (("moons_circles",), {"seeds": [0, 0]}, "seed="),
        (("moons_circles",), {"seeds": "0..x"}, "seed=0..x"),
        (("moons_circles",), {"pruning": "magic"}, "pruning=magic: must be one of"),
        (("moons_circles",), {"pruning": 3}, "pruning=3: must be a preset's name"),
        (("moons_circles",), {"pruning": {"rate": 0.3}}, "exactly two of rate, target and levels"),
        (("moons_circles",), {"pruning": {"criterion": "none"}}, "pruning/criterion=none: must be one of"),
        (("moons_circles",), {"pruning": {"rates": 0.3}}, "pruning.rates=0.3: unknown key"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(arguments: tuple, asked: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        lth.train(*arguments, **asked, folder=tmp_path / "runs")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "runs").exists()


def test_every_way_of_asking_for_pruning() -> None:
    from lth.door.asked import pruning_asked

    asked = {"preset": "random", "criterion": "movement", "rewind": {"step": 5}, "rate": 0.3, "levels": np.int64(4)}
    assert list(pruning_asked({**asked, "biases": True, "scope": "layerwise"})) == [
        "pruning=random", "pruning/schedule=geometric", "pruning/criterion=movement", "pruning.rewind.step=5",
        "pruning.schedule.rate=0.3", "pruning.schedule.levels=4", "pruning.biases=true", "pruning.scope='layerwise'",
    ]  # fmt: skip
    assert list(pruning_asked("random")) == ["pruning=random"]
    assert list(pruning_asked({"schedule": "extension", "rate": 0.3})) == [
        "pruning/schedule=extension", "pruning.schedule.rate=0.3",
    ]  # fmt: skip


def test_a_frame_of_pandas_goes_all_the_way() -> None:
    random = np.random.default_rng(2)
    table = pd.DataFrame(random.normal(size=(90, 3)), columns=["a", "b", "noise"])
    table["label"] = np.where(table["a"] > table["b"], "yes", "no")
    data = Dataset.from_arrays(table[["a", "b", "noise"]], table["label"], {"it": (["a", "b"], "label")})
    runs = lth.train(data, *SHORT, hidden=4, pruning={"rate": 0.5, "levels": 1}, progress=False)
    assert runs.ticket().shape == (3, 4, 4, 1)
