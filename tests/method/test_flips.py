"""Sign flips: what is counted, and who goes first by them."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lth.method.clock.every_epoch import EveryEpoch
from lth.method.criterion.criterion import Candidates
from lth.method.criterion.flipout import FlipOut
from lth.method.criterion.sign_flip import SignFlip
from lth.method.fit import Fit
from lth.method.layout import Layout
from lth.method.method import Method
from lth.method.prune import prune_below
from lth.method.restart.onward import Onward
from lth.method.state import State
from lth.method.step.flips import Flips
from lth.method.step.noise import Noise
from tests.method.test_criteria import candidates
from tests.small_jobs import run, run_by_both, small_job, tickets, unpruned

RESTLESS = partial(torch.optim.Adam, lr=0.02)
PRUNED_ON_THE_WAY = {"clock": EveryEpoch(prunings=4), "restart": Onward(carried=True)}
LAYOUT = Layout((1, 4))


def counted(values: list[list[float]], mask: list[bool] | None = None) -> list[float]:
    """The flips after steps through these values."""
    row = torch.zeros(1, LAYOUT.size)
    row[0, : len(values[0])] = torch.tensor(values[0])
    whole = torch.ones(1, LAYOUT.size, dtype=torch.bool)
    whole[0, : len(mask or [])] = torch.tensor(mask or [], dtype=torch.bool)
    state: State = {"weight": row, "mask": whole, **Flips().begin(row)}
    for after in values[1:]:
        before = state["weight"].clone()
        state["weight"][0, : len(after)] = torch.tensor(after)
        Flips().after(state, before, LAYOUT)
    return state["flips"][0, : len(values[0])].tolist()


def scored(trained: list[float], flips: list[float], rule: FlipOut | SignFlip) -> Tensor:
    layout = Layout((len(trained), 1))
    rows = torch.tensor([[*trained, 0.0]]), torch.tensor([[*flips, 0.0]])
    stack = candidates(rows=1)
    network = replace(
        stack.whole, layout=layout, index=layout.prunable(False), state={"weight": rows[0], "flips": rows[1]}
    )
    part, mask = rows[0][:, :-1], torch.ones(1, len(trained), dtype=torch.bool)
    return rule.score(Candidates(part, part, mask, (len(trained),), (0,), 0, network))


def test_a_flip_is_a_change_between_plus_and_minus() -> None:
    assert counted([[1.0, 1.0, -2.0, 0.5], [-1.0, 1.0, 3.0, 1e-30], [-0.1, 1.0, -3.0, -1e-30]]) == [1, 0, 2, 1]
    assert counted([[0.0, -0.0], [1.0, -1.0]]) == [0, 0], "to leave 0 is no flip"


def test_masked_weights_never_flip() -> None:
    assert counted([[1.0, -1.0], [-1.0, 1.0]], mask=[False, True]) == [0, 1]


def test_counting_changes_no_training(tmp_path: Path) -> None:
    """Flips without noise are looked at alone: the network is that of a method without them."""
    counting, plain = (small_job(tmp_path / name, step=step) for name, step in (("a", Flips()), ("b", None)))
    run(counting)
    run(plain)
    for ours, theirs in zip(tickets(counting, 0), tickets(plain, 0), strict=True):
        assert np.allclose(ours.epochs, theirs.epochs, rtol=1e-4)


def test_noise_is_noise_s() -> None:
    draw = torch.Generator().manual_seed(0)
    gradient = torch.randn(1, LAYOUT.size, generator=draw)
    ours, theirs, none = gradient.clone(), gradient.clone(), gradient.clone()
    Flips(noise=0.5).before({}, ours, LAYOUT, [torch.Generator().manual_seed(1)])
    Noise(0.5).before({}, theirs, LAYOUT, [torch.Generator().manual_seed(1)])
    Flips().before({}, none, LAYOUT, [torch.Generator().manual_seed(1)])
    assert torch.equal(ours, theirs)
    assert torch.equal(none, gradient)
    assert not torch.equal(ours, gradient)


@pytest.mark.parametrize(("p", "q"), [(2.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 3.0)])
def test_without_flips_the_order_is_magnitude_s(p: float, q: float) -> None:
    stack = candidates()
    # Neighbours in float32, whose squares are one number there, and values whose squares vanish.
    stack.trained[:, 0], stack.trained[:, 1] = 1.0, 1.0 + 2**-23
    stack.trained[:, 2], stack.trained[:, 3] = 1e-30, 2e-30
    stack.whole.state["flips"].zero_()
    ours, magnitude = FlipOut(p, q).score(stack), stack.trained.abs()
    assert torch.equal(ours.argsort(dim=1, stable=True), magnitude.argsort(dim=1, stable=True))


def test_signs_of_weights_do_not_matter() -> None:
    flips = [0.0, 1.0, 2.0, 5.0]
    rule = FlipOut(p=3.0)
    assert torch.equal(scored([1.0, -2.0, 3.0, -4.0], flips, rule), scored([-1.0, 2.0, -3.0, 4.0], flips, rule))


def test_what_alternates_goes_before_what_stays() -> None:
    flips = counted([[0.1, 0.1], *([[-0.1, 0.1], [0.1, 0.1]] * 3)])
    assert flips == [6, 0]
    for rule in (FlipOut(), FlipOut(1, 1), FlipOut(0, 1), SignFlip()):
        scores = scored([0.1, 0.1], flips, rule)
        assert scores[0, 0] < scores[0, 1]


def test_scores_by_hand() -> None:
    assert scored([3.0, -4.0, 0.5], [0, 3, 1], FlipOut()).tolist() == [[9.0, 4.0, 0.125]]
    assert scored([3.0, -4.0, 0.5], [0, 3, 1], FlipOut(0.0, 2.0)).tolist() == [[1.0, 1 / 16, 0.25]]


@pytest.mark.parametrize("flips", [1, 2, 3])
def test_weights_go_at_their_nth_flip(flips: int) -> None:
    rule = SignFlip(flips)
    counts = [0.0, 1.0, 2.0, 3.0, 7.0]
    assert rule.threshold is not None
    assert rule.open
    kept = prune_below(scored([1.0] * 5, counts, rule), torch.ones(1, 5, dtype=torch.bool), rule.threshold)
    assert kept[0].tolist() == [count < flips for count in counts]


def test_what_never_flipped_stays_and_the_count_follows(tmp_path: Path) -> None:
    job = small_job(tmp_path, optimizer=RESTLESS, criterion=SignFlip(), step=Flips(), **PRUNED_ON_THE_WAY)
    run(job)
    for seed in job.seeds:
        before, ticket = tickets(job, seed)[0], tickets(job, seed)[2]
        index = Layout(job.widths).prunable(biases=False)
        gone, flips = ~unpruned(ticket)[index], ticket.state["flips"][index]
        assert 0 < gone.sum() < gone.size
        assert (flips[gone] >= 1).all()
        assert (flips[gone] == flips[gone].round()).all()
        settled = flips == 0
        assert not gone[settled].any()
        assert before.row["keep"] == gone.size


def test_more_flips_are_forgiven_more_weights_stay(tmp_path: Path) -> None:
    kept = []
    for flips in (1, 2, 4):
        rule = SignFlip(flips)
        job = small_job(tmp_path / str(flips), optimizer=RESTLESS, criterion=rule, step=Flips(), **PRUNED_ON_THE_WAY)
        run(job)
        kept.append(tickets(job, 0)[-1].row["keep"])
    assert kept[0] < kept[1] < kept[2]


@pytest.mark.parametrize("rule", [FlipOut(), SignFlip()], ids=["flipout", "sign_flip"])
def test_the_kernel_and_pytorchs_path_agree(rule: FlipOut | SignFlip, tmp_path: Path) -> None:
    ours, theirs = run_by_both(
        tmp_path, levels=2, optimizer=RESTLESS, criterion=rule, step=Flips(noise=0.3), **PRUNED_ON_THE_WAY
    )
    for seed in ours.seeds:
        for a, b in zip(tickets(ours, seed), tickets(theirs, seed), strict=True):
            np.testing.assert_allclose(a.epochs, b.epochs, rtol=1e-6, atol=1e-9)
            assert np.array_equal(unpruned(a), unpruned(b))
            assert all(np.allclose(a.state[name], b.state[name], rtol=1e-6, atol=1e-8) for name in a.state)


def test_what_cannot_be_is_refused() -> None:
    method = small_job(Path()).method
    fit = Fit((4, 8, 2), candidates(rows=1).whole.dataset.tasks, (48, 10), method)
    for rule in (FlipOut(), SignFlip()):
        with pytest.raises(ValueError, match="pruning/step=flips"):
            rule.check(fit)
        with pytest.raises(ValueError, match="pruning/step=flips"):
            rule.check(replace(fit, method=replace(method, step=Noise())))
    counting: Method = replace(method, step=Flips())
    FlipOut().check(replace(fit, method=replace(counting, scope="layerwise")))
    SignFlip().check(replace(fit, method=counting))
    with pytest.raises(ValueError, match=r"pruning\.scope=global"):
        SignFlip().check(replace(fit, method=replace(counting, scope="layerwise")))
    for build in (lambda: FlipOut(-1.0), lambda: FlipOut(0, 0), lambda: SignFlip(0), lambda: Flips(-0.1)):
        with pytest.raises(ValueError, match="must be"):
            build()
