"""Every preset of conf/pruning, as a whole: exact counts, the same bits alone, stacked and resumed."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.command.compose import compose
from lth.controls.asked import Controlled, Training
from lth.controls.known import USUAL
from lth.controls.train import train
from lth.controls.work import Controls
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.method.layout import Layout
from lth.ticket import Ticket, path_of
from lth.training.job import Job
from tests.small_jobs import run, tickets
from tests.training.test_stack_of_seeds import assert_same_bits

CONF = Path(__file__).parents[2] / "conf/pruning"
PRESETS = sorted(path.stem for path in CONF.glob("*.yaml"))
SMALL = (
    "model.hidden=13", "seed=0..2", "dataset.n_train=120", "dataset.n_val=80", "dataset.n_test=60", "tracking=off",
    "trainer.max_epochs=4", "trainer.patience=4",
)  # fmt: skip
every_preset = pytest.mark.parametrize("name", PRESETS)


@lru_cache
def trained(name: str, place: Path) -> Job:
    """The job of a preset, trained by three seeds in one stack."""
    job = job_of(prepare(compose([f"pruning={name}", *SMALL]), place / name), "cpu")
    run(job)
    return job


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("presets")


@every_preset
def test_counts_are_those_asked_for(name: str, place: Path) -> None:
    job = trained(name, place)
    for seed in job.seeds:
        found = tickets(job, seed)
        assert len(found) == job.levels + 1
        for level, ticket in enumerate(found):
            job.expected.check(ticket, found[level - 1] if level else None)
        assert job.method.criterion.open or [ticket.row["keep"] for ticket in found] == list(job.keeps)
        assert found[-1].row["keep"] < found[0].row["keep"] or name in NEVER_PRUNED


NEVER_PRUNED = {"l0_open"}  # in so few epochs: no gate has shut yet


@every_preset
def test_a_seed_is_the_same_alone(name: str, place: Path, tmp_path: Path) -> None:
    stacked = trained(name, place)
    alone = replace(stacked, folder=tmp_path, seeds=(1,))
    run(alone)
    assert_same_bits(stacked, alone, 1)


@every_preset
def test_a_resumed_run_is_the_uninterrupted_one(name: str, place: Path, tmp_path: Path) -> None:
    whole = trained(name, place)
    for level in range(whole.levels):
        cut = replace(whole, folder=tmp_path / str(level), seeds=(0, 2), first_level=level + 1)
        for seed in cut.seeds:
            for earlier in range(level + 1):
                path = path_of(cut.folder, seed, earlier)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(path_of(whole.folder, seed, earlier).read_bytes())
        run(cut)
        for seed in cut.seeds:
            assert_same_bits(whole, cut, seed)


@every_preset
def test_a_ticket_tells_its_accuracy(name: str, place: Path) -> None:
    """What is on disk is the network that was measured."""
    job = trained(name, place)
    for ticket in tickets(job, 0):
        x = job.dataset.test.x.astype(np.float64)
        for layer, (weight, bias) in enumerate(zip(ticket.weights, ticket.biases, strict=True)):
            x = x @ shown(job, ticket, layer, weight).T + bias
            x = np.maximum(x, 0) if layer < len(ticket.weights) - 1 else x
        right = [
            ((x[:, task.outputs] > 0) == (job.dataset.test.y[:, task.outputs] > 0)).mean() for task in job.dataset.tasks
        ]
        assert ticket.row["test_accuracy"] == pytest.approx(np.mean(right), abs=1.1 / len(x))


@every_preset
def test_a_ticket_that_is_trained_again_is_that_of_its_level(name: str, place: Path) -> None:
    """Whatever parts its level has, and whatever else a seed's state holds."""
    job = trained(name, place)
    asked = tuple(
        Training(seed, level, True, control)
        for seed, level in ((0, job.levels), (2, 1))
        for control in USUAL
        if control == "ticket" or (seed == 0 and level == job.levels)
    )
    said: list[object] = []
    train(Controls(job, ()).of(asked), said.append)
    found = {(one.training.seed, one.training.control): one for one in said if isinstance(one, Controlled)}
    assert len(found) == len(asked)
    assert [found[seed, "ticket"].reproduced for seed in (0, 2)] == [True, True]
    rows = [found[0, control].row for control in USUAL]
    assert len({None if row is None else row["weights"] for row in rows}) == 1


def shown(job: Job, ticket: Ticket, layer: int, weight: np.ndarray) -> np.ndarray:
    """The weights that the network computes with: some methods hold pruned ones where they were."""
    effective = job.method.effective
    if effective is None or not effective.dense:
        return weight
    held = torch.from_numpy(ticket.state["held"])[None]
    return np.where(ticket.masks[layer], weight, Layout(job.widths).weight(held, layer)[0].numpy())


def test_gates_that_are_ranked_together_start_alike(place: Path) -> None:
    """A head start of the gates of one layer decides the ranking over all: the other layers are emptied."""
    job = trained("l0", place)
    effective, layout = job.method.effective, Layout(job.widths)
    assert effective is not None
    gates = effective.begin(torch.zeros(1, layout.size), layout)["log_alpha"]
    assert job.method.scope == "global"
    assert gates.unique().numel() == 1


def test_presets_are_described() -> None:
    for name in PRESETS:
        assert (CONF / f"{name}.yaml").read_text().startswith("# "), name
