"""Training with distributions, gates, noise and shared values: both paths agree, all that is trained is restored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.method.clock.one_shot import OneShot
from lth.method.criterion.gate import Gate
from lth.method.effective.gaussian import Gaussian
from lth.method.effective.hard_concrete import HardConcrete, chance_of_open
from lth.method.effective.shared_mixture import SharedMixture
from lth.method.effective.spike_slab import SpikeSlab
from lth.method.effective.variational_dropout import VariationalDropout
from lth.method.penalty.annealed import Annealed
from lth.method.penalty.beta_prime import BetaPrime
from lth.method.penalty.expected_l0 import ExpectedL0
from lth.method.penalty.horseshoe_plus import HorseshoePlus
from lth.method.penalty.kl_dropout import KLDropout
from lth.method.penalty.kl_gaussian import KLGaussian
from lth.method.penalty.kl_mixture import KLMixture
from lth.method.penalty.kl_spike_slab import KLSpikeSlab
from lth.method.penalty.mixture import Mixture
from lth.method.restart.onward import Onward
from lth.method.step.bounds import Bounds
from lth.method.stopping import StoppingRule
from lth.settings import ConfigurationError
from lth.ticket import analyse
from tests.small_jobs import run, run_by_both, small_job, tickets, without_kernel

PARTS: dict[str, dict[str, Any]] = {
    "bayes": {"effective": Gaussian(), "penalty": KLGaussian(1.0, 0.5)},
    "bayes, a mixture": {"effective": Gaussian(), "penalty": KLMixture(1.0, 0.5, 1.0, 0.01, "halving")},
    "spike and slab": {"effective": SpikeSlab(), "penalty": KLSpikeSlab(1.0, 0.5, 0.1)},
    "hard concrete": {
        "effective": HardConcrete(), "penalty": ExpectedL0(1.0), "step": Bounds("log_alpha", 0.0, 1.5),
        "criterion": Gate(),
    },
    "variational dropout": {"effective": VariationalDropout(), "penalty": KLDropout(1.0, 50)},
    "soft weight sharing": {"effective": SharedMixture(), "penalty": Mixture(1.0, 50, 0.02, 3, 0.001)},
    "annealed": {"penalty": Annealed(1e-3, 0.01, 50, 1)},
    "scale mixture": {"penalty": BetaPrime(1e-3, 0.1, 0.01, 0.5, 0.5)},
    "horseshoe plus": {"penalty": HorseshoePlus(1e-3, 0.1, 0.01)},
}  # fmt: skip
FEW = {"seeds": (0, 1), "levels": 1, "stopping": StoppingRule(patience=6, max_epochs=6)}


@pytest.mark.parametrize("parts", PARTS)
def test_the_kernel_and_pytorchs_path_agree(parts: str, tmp_path: Path) -> None:
    ours, theirs = run_by_both(tmp_path, **FEW, **PARTS[parts])
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert a.state.keys() == b.state.keys()
            for name in a.state:
                np.testing.assert_allclose(a.state[name], b.state[name], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("kernel", [True, False], ids=["kernel", "torch"])
def test_all_that_is_trained_is_restored(kernel: bool, tmp_path: Path) -> None:
    """The best epoch's weights come with the deviations of that epoch."""
    fast = {**FEW, **PARTS["bayes"], "levels": 0, "optimizer": lambda rows: torch.optim.Adam(rows, lr=0.3)}
    jobs = [small_job(tmp_path / "best", restore_best=True, **fast)]
    if kernel:
        run(jobs[0])
    else:
        with without_kernel():
            run(jobs[0])
    checked = 0
    for seed in (0, 1):
        ticket = tickets(jobs[0], seed)[0]
        best = int(ticket.epochs[:, 1].argmin()) + 1
        short = small_job(tmp_path / f"short{seed}", **{**fast, "seeds": (seed,), "stopping": StoppingRule(best, best)})
        if kernel:
            run(short)
        else:
            with without_kernel():
                run(short)
        known = tickets(short, seed)[0]
        for name in ("raw", "rho"):
            np.testing.assert_array_equal(ticket.state[name], known.state[name])
        checked += best < len(ticket.epochs)
    assert checked, "the best epoch was the last of every seed: nothing was tried"


def test_the_row_tells_of_the_weights_in_the_ticket(tmp_path: Path) -> None:
    """Not of what was trained, where the network computes with other weights."""
    job = small_job(tmp_path, **{**FEW, **PARTS["hard concrete"]})
    run(job)
    for ticket in tickets(job, 0):
        found = analyse(
            ticket.masks, ticket.tasks, ticket.weights, ticket.biases,
            bias_masks=[np.ones(len(bias), dtype=bool) for bias in ticket.biases],
            degrade_on=job.degrade_on, cut_limit=job.cut_limit,
        ).columns()  # fmt: skip
        assert ticket.row["cut_magnitude"] == pytest.approx(found["cut_magnitude"])


def test_bounds_hold(tmp_path: Path) -> None:
    job = small_job(tmp_path, **{**FEW, **PARTS["hard concrete"], "step": Bounds("log_alpha", -0.01, 0.01)})
    run(job)
    for ticket in tickets(job, 0):
        assert np.abs(ticket.state["log_alpha"]).max() == np.float32(0.01)


def test_a_higher_price_leaves_fewer_gates_open(tmp_path: Path) -> None:
    counts = []
    for strength in (0.01, 1.0, 10.0):
        job = small_job(
            tmp_path / str(strength), effective=HardConcrete(), penalty=ExpectedL0(strength), criterion=Gate(),
            restart=Onward(), levels=0, seeds=(0,), stopping=StoppingRule(25, 25),
            optimizer=lambda rows: torch.optim.Adam(rows, lr=0.06),
        )  # fmt: skip
        run(job)
        ticket = tickets(job, 0)[0]
        counts.append(chance_of_open(torch.from_numpy(ticket.state["log_alpha"])).sum().item())
    assert counts[0] > counts[1] > counts[2]
    assert sum((weights == 0).sum() for weights in ticket.weights) > 0, "gates that are shut are 0 in the ticket"


def test_a_threshold_prunes_what_is_shut_and_nothing_else(tmp_path: Path) -> None:
    parts = {**PARTS["hard concrete"], "step": None, "penalty": ExpectedL0(10.0), "criterion": Gate(-2.3979)}
    job = small_job(
        tmp_path, **parts, clock=OneShot(epochs=0), restart=Onward(), seeds=(0, 1), keeps=(352, 9),
        stopping=StoppingRule(25, 25), optimizer=lambda rows: torch.optim.Adam(rows, lr=0.06),
    )  # fmt: skip
    run(job)
    counts = set()
    for seed in job.seeds:
        dense, sparse = tickets(job, seed)
        for layer, weight in enumerate(dense.weights):
            np.testing.assert_array_equal(sparse.masks[layer], weight != 0)
        assert sparse.row["test_loss"] == dense.row["test_loss"], "what was shut was not heard"
        counts.add(sparse.row["keep"])
    assert len(counts) == 2, "a count that is the gates' own differs from seed to seed"


@pytest.mark.parametrize(
    ("overrides", "key", "reason"),
    [
        (["pruning=l0", "pruning/criterion=magnitude"], "pruning.effective", "criterion=gate"),
        (["pruning=l0_open", "pruning.scope=layerwise"], "pruning.criterion", "threshold"),
        (["pruning=sparse_vd_open", "pruning.scope=layerwise"], "pruning.criterion", "threshold"),
        (["pruning/criterion=snr"], "pruning.criterion", "pruning/effective=gaussian"),
        (["pruning/criterion=gate"], "pruning.criterion", "pruning/effective=hard_concrete"),
        (["pruning/criterion=noise_ratio"], "pruning.criterion", "pruning/effective=variational_dropout"),
        (["pruning/criterion=inclusion"], "pruning.criterion", "pruning/effective=spike_slab"),
        (["pruning/criterion=component"], "pruning.criterion", "pruning/effective=shared_mixture"),
        (["pruning/rewind=collapse"], "pruning.rewind", "pruning/effective=shared_mixture"),
        (["penalty=kl_gaussian"], "penalty", "pruning/effective=gaussian"),
        (["pruning=spike_slab", "penalty=kl_gaussian"], "penalty", "pruning/effective=gaussian"),
        (["pruning=spike_slab", "penalty=kl_mixture"], "penalty", "pruning/effective=gaussian"),
        (["penalty=kl_spike_slab"], "penalty", "pruning/effective=spike_slab"),
        (["penalty=kl_dropout"], "penalty", "pruning/effective=variational_dropout"),
        (["penalty=expected_l0"], "penalty", "pruning/effective=hard_concrete"),
        (["penalty=mixture"], "penalty", "pruning/effective=shared_mixture"),
        (["pruning=soft_weight_sharing", "penalty=l1"], "pruning", "penalty=mixture"),
        (["pruning=soft_weight_sharing", "pruning.effective.components=9999"], "components", "below the"),
        (["pruning/step=bounds", "pruning.step.name=rho"], "pruning.step", "must be one of weight"),
        (["pruning/step=bounds", "pruning.step.low=20"], "low", "must rise"),
        (["pruning=bayes", "pruning.effective.sigma=0"], "sigma", "above 0"),
    ],
)
def test_what_does_not_fit_is_refused(overrides: list[str], key: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        prepare(compose([*overrides, "model.hidden=13", "tracking=off"]), tmp_path)
    assert key in str(refused.value)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
