"""Controls of tickets: what they start from, and that a ticket reproduces its level."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from lth.controls.asked import Controlled, Training
from lth.controls.known import USUAL
from lth.controls.start import shuffled
from lth.controls.train import train
from lth.controls.work import Controls
from lth.method.clock.clock import Segment
from lth.method.layout import Layout
from lth.method.restart.late import Late
from lth.ticket import load, path_of, save
from lth.training.job import Job
from lth.training.mlp import initial_rows
from lth.training.module import StackModule
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
