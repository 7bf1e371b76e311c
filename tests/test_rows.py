"""The rows of whole runs against an independent reading of their tickets, over all settings that change them."""

import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from lth.command.compose import compose
from lth.command.run import train
from lth.jobs.plan import prepare
from tests.in_this_process import InThisProcess
from tests.run_reading import RunReading, differences, shares, unpruned

torch.set_num_threads(1)  # as in a worker

CASES = 30
SMALL = ("seed=0..1", "tracking=off", "trainer.accelerator=cpu", "trainer.workers=1")
DATA = {
    "moons_circles": ("dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40"),
    "n_moons": ("dataset.n=3", "dataset.noise_inputs=2", "dataset.n_train=50", "dataset.n_val=40", "dataset.n_test=30"),
    "symbolic_pair": ("dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40"),
    "moons_circles_digits": ("dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40"),
    "digits_pair": ("dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40"),
}
CHOICES = {
    "pruning/criterion": ("magnitude", "random", "movement", "magnitude_increase", "large_init", "small_final"),
    "pruning/rewind": ("reset", "late", "none", "reinit"),
    "pruning.scope": ("global", "layerwise"),
    "pruning.biases": ("false", "true"),
    "ticket.degrade_on": ("both", "outputs"),
    "ticket.cut_limit": ("20000", "25", "0"),
    "trainer.restore": ("last", "best"),
    "trainer.loss_cutoff": ("null", "0.66"),
    "trainer.patience": ("1", "5"),
    "trainer.precision": ("float32", "float32", "float64"),
    "model.bias_init": ("zeros", "normal"),
    "optimizer": ("adam", "adam", "sgd", "adamw"),
    "penalty": ("none", "none", "l1"),
}


def drawn(case: int) -> list[str]:
    """One configuration: every kind of data in turn, everything else by lot."""
    lots = random.Random(case)
    name = list(DATA)[case % len(DATA)]
    depth = lots.choice(("[5]", "[6,5]", "[5,4,5]"))
    rate = lots.choice((0.3, 0.45, 0.6)) if "digits" not in name else 0.75
    settings = [f"{key}={lots.choice(values)}" for key, values in CHOICES.items()]
    if "pruning/rewind=late" in settings:
        settings.append("pruning.rewind.step=3")
    schedule = ("pruning/schedule=geometric", f"pruning.schedule.rate={rate}", "pruning.schedule.levels=4")
    rest = (f"model.hidden={depth}", "trainer.max_epochs=6", "trainer.batch_size=16", "optimizer.lr=0.03")
    return [f"dataset={name}", *DATA[name], *schedule, *rest, *settings, *SMALL]


def trained(folder: Path, overrides: list[str], patch: pytest.MonkeyPatch) -> tuple[RunReading, list[dict[str, Any]]]:
    """The tickets and the rows that a command leaves in this folder."""
    patch.setattr("lth.jobs.execution.Pool", InThisProcess)
    config = compose([*overrides, "pictures=false"])  # and not the program's whole start, which composes three times
    assert train([prepare(config, folder)]) == [0]
    return RunReading(folder, config), pq.read_table(folder / "levels.parquet").to_pylist()


@pytest.fixture(scope="module")
def tried() -> Counter[str]:
    """How often each of the situations came up that a wrong reading of a setting would show in."""
    return Counter()


@pytest.mark.parametrize("case", range(CASES))
def test_rows_say_what_the_tickets_say(
    case: int, tried: Counter[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, rows = trained(tmp_path, drawn(case), monkeypatch)
    tried[_case(case)] += 1
    assert [(row["seed"], row["level"]) for row in rows] == [(seed, level) for seed in (0, 1) for level in range(5)]
    for row in rows:
        seed, level = row["seed"], row["level"]
        ticket = reading.chains[seed][level]
        if level:
            assert unpruned(ticket, reading.config.pruning.biases) == reading.mask(seed, level)
        expected = reading.row(seed, level)
        assert len(ticket.epochs) == expected["epochs"]
        wrong = differences(expected, row, 1e-9 if reading.config.trainer.precision == "float64" else 2e-4)
        assert wrong == {}, (seed, level)
        assert {name for name in row if not name.startswith("train_loss_")} == {*expected, "val_accuracy", "val_loss"}
        _note(tried, reading, row)


def test_every_setting_was_seen_to_matter(tried: Counter[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases above would be no test of what never came up in them; those of other processes are trained again."""
    for case in range(CASES):
        if not tried[_case(case)]:
            reading, rows = trained(tmp_path / str(case), drawn(case), monkeypatch)
            for row in rows:
                _note(tried, reading, row)
    assert {name: tried[name] for name in SITUATIONS if tried[name] < 2} == {}


def _case(number: int) -> str:
    return f"case {number}"


SITUATIONS = (
    "degraded only by its inputs", "above the cut limit", "a pruned bias of a zombie", "a zombie's bias of 0",
    "layers share otherwise from the start", "cut off by the loss", "an earlier epoch was kept", "separated",
    "degraded", "interconnected", "a cut", "binary", "classes", "values", "winning", "not winning",
)  # fmt: skip


def _note(tried: Counter[str], reading: RunReading, row: Mapping[str, Any]) -> None:
    config, ticket = reading.config, reading.chains[row["seed"]][row["level"]]
    tried.update({row["status"], *(task.kind for task in ticket.tasks)})
    outputs = sum(len(task.outputs) for task in ticket.tasks)
    inputs = {index for task in ticket.tasks for index in task.inputs}
    if row["active_outputs"] == outputs and row["active_inputs"] < len(inputs):
        tried["degraded only by its inputs"] += config.ticket.degrade_on == "outputs"
    tried["above the cut limit"] += row["active_weights"] > config.ticket.cut_limit > 0
    tried["a cut"] += bool(row["cut"])
    tried["a pruned bias of a zombie"] += row["zombie_neurons"] > row["zombie_biases"]
    tried["cut off by the loss"] += ticket.epochs[-1, 1] <= (config.trainer.loss_cutoff or 0)
    tried["an earlier epoch was kept"] += reading.epochs(ticket)[1] + 1 < len(ticket.epochs)
    tried["winning"] += row["winning"] is True
    tried["not winning"] += row["winning"] is False
    tried["a zombie's bias of 0"] += row["zombie_bias_mean"] == 0
    if row["level"] and config.pruning.scope == "layerwise":
        chain, biases = reading.chains[row["seed"]], config.pruning.biases
        sizes = [[mask.size for mask in one.masks] if biases else [int(mask.sum()) for mask in one.masks]
                 for one in (chain[0], chain[row["level"] - 1])]  # fmt: skip
        tried["layers share otherwise from the start"] += not biases and (
            shares(sizes[0], row["keep"]) != shares(sizes[1], row["keep"])
        )


@pytest.mark.parametrize("epoch", [1, 3])
def test_a_loss_that_is_exactly_the_cutoff_ends_the_level(
    epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ["dataset=moons_circles", *DATA["moons_circles"], *SMALL, "model.hidden=8", "trainer.max_epochs=6"]
    reading, _ = trained(tmp_path / "plain", plain, monkeypatch)
    curve = reading.chains[0][0].epochs[:, 1]
    assert curve[epoch] < curve[:epoch].min(), "an earlier loss is as low: nothing was tried"
    cut = [*plain, f"trainer.loss_cutoff={float(curve[epoch])!r}"]
    reading, rows = trained(tmp_path / "cut", cut, monkeypatch)
    assert rows[0]["epochs"] == epoch + 1
    assert reading.chains[0][0].epochs[-1, 1] == curve[epoch] == reading.config.trainer.loss_cutoff
