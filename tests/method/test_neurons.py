"""Structured pruning: what a neuron scores, that neurons go whole, and that the small network is the masked one."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.method.criterion.examples import balanced
from lth.method.criterion.neuron_norm import NeuronNorm
from lth.method.criterion.snap_it import SnapIt
from lth.method.forward import forward
from lth.method.layout import Layout
from lth.settings import ConfigurationError
from lth.ticket import compact
from tests.method.networks import by_lot, stack_of
from tests.small_jobs import run, small_job, tickets

WIDTHS = (4, 7, 5, 2)


def test_a_neurons_gate_is_felt_alike_on_either_side() -> None:
    """∂L/∂c of a factor c on a neuron's output, by its outgoing weights, or by the incoming and its bias."""
    stack = stack_of(by_lot(WIDTHS), WIDTHS, biases=True)
    scores, network = SnapIt(samples=50).score(stack), stack.whole
    for place, seed in enumerate(stack.seeds):
        drawn, row = balanced(network.dataset, seed, 0, 50), network.state["weight"][place]
        for sides in (outgoing, incoming):
            gates = torch.ones(12, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(network.loss(sides(row, gates), drawn), gates)
            torch.testing.assert_close(scores[place], slope.abs(), rtol=1e-9, atol=1e-15)


def outgoing(row: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
    layout, parts = Layout(WIDTHS), []
    for layer, gate in enumerate((torch.ones(4), gates[:7], gates[7:])):
        parts += [(layout.weight(row[None], layer)[0] * gate).flatten(), layout.bias(row[None], layer)[0]]
    return torch.cat(parts)


def incoming(row: torch.Tensor, gates: torch.Tensor) -> torch.Tensor:
    layout, parts = Layout(WIDTHS), []
    for layer, gate in enumerate((gates[:7], gates[7:], torch.ones(2))):
        parts += [
            (layout.weight(row[None], layer)[0] * gate[:, None]).flatten(),
            layout.bias(row[None], layer)[0] * gate,
        ]
    return torch.cat(parts)


def test_norms_by_hand() -> None:
    row = torch.tensor([[3.0, 4.0, 1.0, 0.0, 9.0, 9.0, 1.0, -2.0, -5.0, 1.0, 9.0, 9.0]])  # 2-2-2
    stack = stack_of(row, (2, 2, 2), biases=True)
    assert NeuronNorm().score(stack)[0].tolist() == pytest.approx([25 / 13, 1 / 13])
    assert NeuronNorm(side="outgoing").score(stack)[0].tolist() == pytest.approx([6 / 4.5, 3 / 4.5])


@pytest.mark.parametrize("side", ["incoming", "outgoing"])
def test_a_neuron_is_no_smaller_because_its_neighbours_went(side: Literal["incoming", "outgoing"]) -> None:
    """Else the layer beside one that is pruned would be emptied, one after the other; nor is a whole layer larger."""
    layout = Layout((4, 6, 6, 2))
    row = torch.rand(1, layout.size, generator=torch.Generator().manual_seed(0)) + 0.5
    layout.weight(row, 1).mul_(100)
    mask = torch.ones(1, layout.size, dtype=torch.bool)
    gone, beside = (0, 1) if side == "incoming" else (1, 0)  # of which hidden layer four neurons went
    layout.weight(mask, gone)[0, 2:] = False
    layout.weight(mask, gone + 1)[0, :, 2:] = False
    scores = NeuronNorm(side).score(stack_of(row, layout.widths, mask, biases=True))[0].view(2, 6)
    assert scores[beside].mean().item() == pytest.approx(1)
    assert scores[gone, :2].mean().item() == pytest.approx(1)
    assert not scores[gone, 2:].any(), "pruned"


@pytest.mark.parametrize("rule", [SnapIt(samples=50), NeuronNorm(), NeuronNorm(side="outgoing")])
def test_neurons_go_whole_and_the_compact_network_is_the_masked_one(rule, tmp_path: Path) -> None:
    job = small_job(tmp_path, (9, 8), levels=3, biases=True, criterion=rule, precision="float64")
    run(job)
    for seed in job.seeds:
        for level, ticket in enumerate(tickets(job, seed)):
            assert ticket.row["prunable"] <= job.keeps[level]
            assert ticket.bias_masks is not None
            small = compact(ticket)
            whole = sum((fan_in + 1) * out for fan_in, out in zip(small.shape, small.shape[1:], strict=False))
            assert whole == ticket.row["prunable"], "something is left of a neuron that went"
            assert min(small.shape) >= 1
            same_outputs(job.dataset.test.x, ticket, small)


def same_outputs(x: np.ndarray, ticket, small) -> None:
    found = [
        forward(Layout(net.shape), torch.from_numpy(np.concatenate([np.append(w.ravel(), b) for w, b in zip(
            net.weights, net.biases, strict=True)]))[None], torch.from_numpy(x).double()[None])
        for net in (ticket, small)
    ]  # fmt: skip
    torch.testing.assert_close(*found, rtol=1e-10, atol=1e-12)


def test_the_last_neuron_of_a_layer_stays(tmp_path: Path) -> None:
    job = small_job(tmp_path, (6, 6), biases=True, criterion=SnapIt(), keeps=(86, 11))
    run(job)
    assert compact(tickets(job, 0)[-1]).shape == (4, 1, 1, 2)


SMALL = ("model.hidden=13", "dataset.n_train=20", "dataset.n_val=20", "dataset.n_test=20", "tracking=off")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("pruning=snap_it pruning.biases=false", "pruning.biases=false would leave these behind"),
        ("pruning=neuron_norm pruning.scope=layerwise", "pruning.scope must be global"),
        ("pruning=snap_it pruning/schedule=geometric pruning.schedule.rate=.5 pruning.schedule.target=10",
         "one neuron a layer has 11 parameters"),
        ("pruning=snap_it pruning.criterion.samples=0", "criterion.samples=0: must be 1 or more"),
        ("pruning=neuron_norm pruning.criterion.side=both", "criterion.side=both: must be incoming or outgoing"),
        ("pruning=synflow pruning.criterion.rounds=0", "criterion.rounds=0: must be 1 or more"),
        ("pruning=synflow pruning.biases=true", "pruning.biases must be false"),
        ("pruning=grasp pruning.criterion.temperature=0", "criterion.temperature=0"),
        ("pruning=obd pruning.criterion.curvature=exact", "criterion.curvature=exact"),
        ("pruning=snip_it pruning.criterion.steps=-1", "criterion.steps=-1: must be 0 or more"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(given: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=says):
        prepare(compose([*SMALL, *given.split()]), tmp_path)


@pytest.mark.parametrize(
    ("rule", "wrong"), [(SnapIt, {"samples": 0}), (SnapIt, {"steps": -1}), (NeuronNorm, {"side": "in"})]
)
def test_bad_settings_are_refused(rule: type, wrong: dict) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(ValueError, match=f"{name}={value}"):
        rule(**wrong)
