"""Targeted dropout: who is hit, how often, and what it is good for."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.data import measure
from lth.method.criterion.per_neuron import PerNeuron
from lth.method.criterion.sign_flip import SignFlip
from lth.method.effective.targeted_dropout import TargetedDropout
from lth.method.fit import Fit
from lth.method.forward import forward
from lth.method.layout import Layout
from lth.method.prune import prune
from lth.method.restart.onward import Onward
from lth.method.stopping import StoppingRule
from tests.method.test_criteria import candidates
from tests.small_jobs import flat, run, run_by_both, small_job, tickets, unpruned

LAYOUT = Layout((8, 6, 3))
FAST = partial(torch.optim.Adam, lr=0.01)
LONG_AGO = 10**6


def raw(steps: int = LONG_AGO, goal: int = 33, pruned: int = 0) -> dict[str, Tensor]:
    mask = torch.ones(2, LAYOUT.size, dtype=torch.bool)
    mask[:, :pruned] = False
    weight = torch.randn(2, LAYOUT.size, generator=torch.Generator().manual_seed(5)) * mask
    return {"weight": weight, "mask": mask, "steps": torch.full((2,), steps), "goal": torch.full((2,), goal)}


def dropped(rule: TargetedDropout, state: dict[str, Tensor], draws: int = 400) -> Tensor:
    """How often each weight was dropped, (2, size)."""
    streams = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    return torch.stack([rule.weights(state, LAYOUT, streams) == 0 for _ in range(draws)]).float().mean(dim=0)


def test_each_neuron_s_smallest_are_hit() -> None:
    state = raw()
    hit = TargetedDropout(share=0.5).targets(state, LAYOUT)
    for layer, fan_in in ((0, 8), (1, 6)):
        block, sizes = LAYOUT.weight(hit, layer), LAYOUT.weight(state["weight"], layer).abs()
        assert (block.sum(dim=2) == fan_in // 2).all()
        assert (torch.where(block, sizes, 0).amax(dim=2) < torch.where(block, torch.inf, sizes).amin(dim=2)).all()
        assert not LAYOUT.bias(hit, layer).any()


def test_targets_are_dropped_at_the_rate_and_others_never() -> None:
    rule, state = TargetedDropout(rate=0.6, share=0.5), raw()
    hit, frequency = rule.targets(state, LAYOUT), dropped(rule, state)
    assert (frequency[~hit] == 0).all()
    assert frequency[hit].mean().item() == pytest.approx(0.6, abs=0.02)
    kept = 1 - frequency[:, LAYOUT.prunable(biases=False)].mean().item()
    assert kept == pytest.approx(1 - 0.5 * 0.6, abs=0.01)
    shown = rule.weights(state, LAYOUT, [torch.Generator()] * 2)
    assert torch.equal(shown[shown != 0], state["weight"][shown != 0]), "nothing is rescaled"


def test_pruned_weights_are_no_targets() -> None:
    state = raw(pruned=6)  # of the first neuron two are left
    hit = TargetedDropout(share=0.5).targets(state, LAYOUT)
    assert not (hit & ~state["mask"]).any()
    assert LAYOUT.weight(hit, 0)[0, 0].sum() == 1


def test_whole_neurons_are_hit_by_their_norms() -> None:
    rule, state = TargetedDropout(rate=0.5, share=0.5, neurons=True), raw()
    hit = LAYOUT.weight(rule.targets(state, LAYOUT), 0)
    norms = LAYOUT.weight(state["weight"], 0).norm(dim=2)
    for seed in range(2):
        small = norms[seed].argsort()[:3]
        assert sorted(small.tolist()) == hit[seed].all(dim=1).nonzero().flatten().tolist()
        assert hit[seed].sum() == 3 * 8
    assert not LAYOUT.weight(rule.targets(state, LAYOUT), 1).any(), "outputs stay"
    once = LAYOUT.weight(rule.weights(state, LAYOUT, [torch.Generator().manual_seed(8)] * 2) == 0, 0)
    assert (once.all(dim=2) == once.any(dim=2)).all()
    assert once.any()


def test_targets_come_with_time() -> None:
    counts = [
        int(TargetedDropout(share=1.0, ramp=200).targets(raw(steps), LAYOUT)[0].sum()) for steps in range(0, 240, 20)
    ]
    assert counts[0] == 0
    assert counts == sorted(counts)
    assert counts[5] == 6 * 7 + 3 * 5, "95 %, rounded down, after half of it"
    assert counts[10] == counts[11] == LAYOUT.prunable(biases=False).numel()
    assert TargetedDropout(share=1.0, ramp=0).targets(raw(0), LAYOUT).sum() == 2 * counts[-1]


def test_without_a_share_it_hits_what_the_next_pruning_takes(tmp_path: Path) -> None:
    weights = LAYOUT.prunable(biases=False)
    state = raw(goal=33)  # of 66
    hit = TargetedDropout().targets(state, LAYOUT)
    scores = per_neuron(state)
    kept = prune(scores, state["mask"][:, weights], 33)
    assert torch.equal(hit[:, weights], ~kept)
    assert not TargetedDropout().targets(raw(goal=66), LAYOUT).any(), "nothing follows"


def per_neuron(state: dict[str, Tensor]) -> Tensor:
    stack, index = candidates(rows=2), LAYOUT.prunable(biases=False)
    weight, mask = state["weight"][:, index], state["mask"][:, index]
    network = replace(stack.whole, layout=LAYOUT, index=index, state=state)
    return PerNeuron().score(
        replace(stack, trained=weight, mask=mask, sizes=LAYOUT.block_sizes(False), network=network)
    )


def test_every_neuron_gives_the_same_share() -> None:
    state = raw(pruned=6)
    scores = per_neuron(state)
    rows = scores[0, :48].view(6, 8)
    assert rows[0].tolist()[:6] == [0] * 6
    assert sorted(rows[0].tolist()[6:]) == [0.5, 1.0]
    sizes = state["weight"][0, :48].view(6, 8).abs()
    for neuron in range(1, 6):
        assert torch.equal(rows[neuron].argsort(), sizes[neuron].argsort())
        assert sorted(rows[neuron].tolist()) == [n / 8 for n in range(1, 9)]


def test_the_kernel_and_pytorchs_path_agree(tmp_path: Path) -> None:
    rule = TargetedDropout(ramp=20)
    ours, theirs = run_by_both(tmp_path, levels=2, effective=rule, criterion=PerNeuron(), restart=Onward())
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert np.array_equal(unpruned(a), unpruned(b))


def test_pruning_the_targets_costs_less_than_in_a_plain_network(tmp_path: Path) -> None:
    rule = TargetedDropout(share=0.75, rate=0.66, ramp=100)
    rises = {}
    for name, effective in (("targeted", rule), ("plain", None)):
        job = small_job(tmp_path / name, levels=0, effective=effective, optimizer=FAST, stopping=StoppingRule(60, 60))
        run(job)
        layout, test = Layout(job.widths), job.dataset.test
        x, y = torch.from_numpy(test.x)[None], torch.from_numpy(test.y).T
        rise = []
        for seed in job.seeds:
            ticket = tickets(job, seed)[0]
            row = torch.from_numpy(flat(ticket.weights, ticket.biases))[None]
            long_ago = {"weight": row, "mask": row == row, "steps": torch.tensor([LONG_AGO]), "goal": torch.tensor([1])}
            pruned = torch.where(rule.targets(long_ago, layout), 0, row)
            before, after = (measure.losses(forward(layout, rows, x), y, job.dataset.tasks) for rows in (row, pruned))
            rise.append((after - before).mean().item())
        rises[name] = np.mean(rise)
    assert rises["targeted"] < 0.5 * rises["plain"]


def test_what_cannot_be_is_refused() -> None:
    method = replace(small_job(Path()).method, criterion=SignFlip())
    fit = Fit((4, 8, 2), (), (48, 10), method)
    with pytest.raises(ValueError, match="share=null"):
        TargetedDropout().check(fit)
    TargetedDropout(share=0.5).check(fit)
    with pytest.raises(ValueError, match="biases=false"):
        PerNeuron().check(replace(fit, method=replace(method, biases=True)))
    for rate, share, ramp in ((0.0, None, 1), (1.1, None, 1), (0.5, 0.0, 1), (0.5, 2.0, 1), (0.5, 0.5, -1)):
        with pytest.raises(ValueError, match="must be"):
            TargetedDropout(rate, share, ramp)
