"""Controls of methods: what they start from where a level has several parts, or more trains than the weights."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lth.controls.asked import Controlled, Training
from lth.controls.known import USUAL
from lth.controls.train import train
from lth.controls.work import Controls
from lth.method.clock.clock import Segment
from lth.method.clock.every_epoch import EveryEpoch
from lth.method.clock.search import Search
from lth.method.effective.freeze import Freeze
from lth.method.effective.gaussian import Gaussian
from lth.method.restart.onward import Onward
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.module import StackModule
from tests.small_jobs import flat, run, small_job, tickets, unpruned

RESTLESS = partial(torch.optim.Adam, lr=0.02, fused=True)
State = Mapping[str, Tensor]


def started(job: Job, monkeypatch: pytest.MonkeyPatch, level: int) -> dict[str, list[State]]:
    """Train the controls of seed 0 at this level; the state that each part of each of them starts with."""
    found: dict[str, list[State]] = {control: [] for control in USUAL}
    original = StackModule.start_segment
    asked = [Training(0, level, True, control) for control in USUAL]
    said: list[object] = []

    def start_segment(self: StackModule, segments: dict[int, Segment]) -> None:
        trainings = self.trainer.callbacks[-1]._trainings  # type: ignore[attr-defined]
        for place, training in enumerate(trainings):
            state = {name: tensor[place].clone() for name, tensor in self.model.state.items()}
            found[training.control].append(state)
        original(self, segments)

    monkeypatch.setattr(StackModule, "start_segment", start_segment)
    train(Controls(job, ()).of(tuple(asked)), said.append)
    done = {one.training.control: one for one in said if isinstance(one, Controlled)}
    assert set(done) == set(USUAL)
    assert done["ticket"].reproduced
    return found


def mask_of(ticket: Ticket) -> Tensor:
    return torch.from_numpy(unpruned(ticket))


@pytest.mark.parametrize("carried", [True, False])
def test_parts_of_a_level_have_one_mask_but_for_the_tickets_own(
    carried: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path, clock=EveryEpoch(every=2, prunings=3), restart=Onward(carried), optimizer=RESTLESS)
    run(job)
    before, ticket = tickets(job, 0)[1:3]
    starts = started(job, monkeypatch, 2)
    assert {control: len(parts) for control, parts in starts.items()} == dict.fromkeys(USUAL, 3)
    counts = [int(state["mask"].sum()) for state in starts["ticket"]]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    for control in ("reinit", "continued"):
        assert all(torch.equal(state["mask"], mask_of(ticket)) for state in starts[control])
    drawn = [state["mask"] for state in starts["shuffled"]]
    assert all(torch.equal(mask, drawn[0]) for mask in drawn)
    assert not torch.equal(drawn[0], mask_of(ticket))
    assert starts["shuffled"][0]["mask"].sum() == mask_of(ticket).sum()
    trained = torch.from_numpy(flat(before.weights, before.biases))
    assert torch.equal(starts["continued"][0]["weight"], trained * mask_of(ticket))
    anchor = starts["shuffled"][0]["anchor"] * drawn[0]
    assert torch.equal(starts["shuffled"][0]["weight"], anchor)
    assert not torch.equal(starts["shuffled"][1]["weight"], anchor), "what a part trained is lost"


def test_an_optimiser_goes_on_only_where_the_values_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = small_job(tmp_path, clock=EveryEpoch(every=2), restart=Onward(carried=True), optimizer=RESTLESS)
    run(job)
    starts = started(job, monkeypatch, 2)
    remembers = {control: "weight.step" in parts[0] for control, parts in starts.items()}
    assert remembers == {"ticket": True, "continued": True, "reinit": False, "shuffled": False}


@pytest.mark.parametrize("level", [1, 3])
def test_what_effective_weights_add_begins_anew_with_the_values(
    level: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_job(tmp_path, effective=Gaussian(), restart=Onward(), optimizer=RESTLESS)
    run(job)
    before = tickets(job, 0)[level - 1]
    begun = Gaussian().begin(torch.zeros(1, len(before.state["rho"])), job.recipe.layout)["rho"][0]
    for control, (state,) in started(job, monkeypatch, level).items():
        new = control in ("reinit", "shuffled")
        assert torch.equal(state["rho"], begun if new else torch.from_numpy(before.state["rho"])), control
        assert int(state["steps"]) == (0 if new else int(before.state["steps"].item())), control


def test_an_untrained_network_restarts_from_its_own_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Search records what no training has touched: newly drawn values too are as drawn in the end."""
    job = small_job(tmp_path, clock=Search(), optimizer=RESTLESS)
    run(job)
    starts = started(job, monkeypatch, 2)
    for control in ("reinit", "shuffled"):
        first, last = starts[control]
        assert torch.equal(first["weight"], last["weight"])
    assert not torch.equal(starts["reinit"][0]["weight"], starts["ticket"][1]["weight"])


def test_pruned_weights_that_take_part_are_multiplied_with(tmp_path: Path) -> None:
    plain = small_job(tmp_path / "plain", optimizer=RESTLESS)
    held = small_job(tmp_path / "held", optimizer=RESTLESS, effective=Freeze())
    for job in (plain, held):
        run(job)
    size, samples = plain.recipe.layout.size, len(plain.dataset.train)
    spent = 0
    for ticket in tickets(held, 0):
        assert ticket.row["inference_macs"] == plain.keeps[0]
        spent += 3 * ticket.row["epochs"] * samples * size
        assert ticket.row["spent_macs"] == spent
    spent = 0
    for ticket in tickets(plain, 0):
        assert ticket.row["inference_macs"] == ticket.row["weights"]
        spent += 3 * ticket.row["epochs"] * samples * int(mask_of(ticket).sum())
        assert ticket.row["spent_macs"] == spent


def test_a_stack_of_controls_is_of_seeds_alike(tmp_path: Path) -> None:
    """What one seed's ticket has and another's has not yet is no zero."""
    job = small_job(tmp_path, clock=EveryEpoch(every=2), restart=Onward(carried=True), optimizer=RESTLESS)
    run(job)
    asked = tuple(Training(seed, level, True, "ticket") for seed, level in ((0, 3), (1, 1), (2, 2)))
    said: list[object] = []
    train(Controls(job, ()).of(asked), said.append)
    assert [one.reproduced for one in said if isinstance(one, Controlled)] == [True] * 3
