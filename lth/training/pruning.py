"""The start of a segment: seeds are pruned, and what is left restarts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.clock.clock import Segment
from lth.method.criterion.criterion import Candidates, Criterion, Network
from lth.method.method import Method
from lth.method.prune import layer_keeps, prune, prune_below, prune_neurons
from lth.method.restart.restart import Pruned
from lth.method.state import State
from lth.stack import state as states
from lth.training.job import Job
from lth.training.mlp import StackedMLP, deviations, initial_rows


@dataclass(frozen=True)
class Cut:
    """What one pruning did to a seed: the smallest trained magnitude that it kept.

    `even`: its scores were all equal, so that only positions told what had to go.
    """

    horizon: float
    even: bool


def prune_and_restart(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> dict[int, Cut]:
    """Prune the seeds at these places as the segment says and restart what is left, in the model."""
    found, index = states.rows(model.state, places), model.layout.prunable(job.method.biases).to(model.weight.device)
    trained = _shown(job, found, model)[:, index]
    mask, even = _drawn(job, model, places, segment)
    kept = torch.where(mask[:, index], trained.abs(), torch.inf).amin(dim=1)
    start_under(job, model, places, segment, mask)
    cuts = zip(kept.tolist(), even.tolist(), strict=True)
    return dict(zip(places, (Cut(*cut) for cut in cuts), strict=True))


def start_under(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment, mask: Tensor) -> None:
    """Give the seeds at these places the masks (R, size) and restart what is left as the segment says."""
    found, places = states.rows(model.state, places), list(places)
    model.mask[places] = mask
    if segment.restarts:
        _restart(job, model, places, segment, found, mask)
    held = job.recipe.held
    for name in ("weight", *states.remembered(model.state)):  # a moment would move a pruned weight off zero
        if model.state[name].ndim == 2 and held(name.partition(".")[0]):
            model.state[name][places] *= mask
    for name, values in job.method.criterion.after(model.weight[places]).items():
        for place, value in zip(places, values, strict=True):
            states.put(model.state, place, name, value)


def drawn(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> Tensor:
    """The masks (R, size) that these seeds would be given at the start of the segment; nothing changes."""
    return _drawn(job, model, places, segment)[0]


def _drawn(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> tuple[Tensor, Tensor]:
    """The masks, and for which seeds (R,) the scores of a round were all equal."""
    method, layout, state = job.method, model.layout, states.rows(model.state, places)
    index = layout.prunable(method.biases).to(state["weight"].device)
    network, sizes = Network(state, layout, index, job.dataset), layout.block_sizes(method.biases)
    seeds = tuple(job.seeds[place] for place in places)
    left = int(state["mask"][:, index].sum(dim=1).max())
    even = torch.zeros(len(places), dtype=torch.bool, device=index.device)
    for keep in method.criterion.keeps(left, segment.keep):
        trained, anchor, mask = (rows[:, index] for rows in (_shown(job, state, model), state["anchor"], state["mask"]))
        candidates = Candidates(trained, anchor, mask, sizes, seeds, max(segment.level - 1, 0), network, keep)
        even |= _prune(method, candidates, network)
        state["weight"] = state["weight"] * state["mask"]
    return state["mask"], even


def _shown(job: Job, state: State, model: StackedMLP) -> Tensor:
    """The weights (R, size) that the networks compute with."""
    effective = job.method.effective
    return state["weight"] if effective is None else effective.measured(state, model.layout)


def _prune(method: Method, candidates: Candidates, network: Network) -> Tensor:
    """Prune the network's masks to one keep; whose scores (R,) were all equal, though some had to go."""
    criterion, mask, keep = method.criterion, network.state["mask"], candidates.keep
    scores = criterion.score(candidates)
    even = _even(criterion, scores, candidates)
    if criterion.neurons:
        mask &= prune_neurons(scores, mask, network.layout, keep, network.index)
    elif criterion.threshold is not None:
        mask[:, network.index] = prune_below(scores, candidates.mask, criterion.threshold)
    elif method.scope == "global":
        mask[:, network.index] = prune(scores, candidates.mask, keep)
    else:
        # Every seed has the same counts left in a layer, for they follow from the counts before.
        left = [int(block[0].sum()) for block in candidates.mask.split(list(candidates.sizes), dim=1)]
        factors = [*[1.0] * (len(left) - 1), method.output_factor]
        mask[:, network.index] = prune(scores, candidates.mask, layer_keeps(left, keep, factors), candidates.sizes)
    return even


def _even(criterion: Criterion, scores: Tensor, candidates: Candidates) -> Tensor:
    if criterion.threshold is not None:  # equal scores say that all stay, or none: no position has a say
        return torch.zeros(len(scores), dtype=torch.bool, device=scores.device)
    unpruned = torch.ones_like(scores, dtype=torch.bool) if criterion.neurons else candidates.mask
    least = torch.where(unpruned, scores, torch.inf).amin(dim=1)
    most = torch.where(unpruned, scores, -torch.inf).amax(dim=1)
    return (least == most) & (candidates.mask.sum(dim=1) > candidates.keep)


def _restart(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment, found: State, mask: Tensor) -> None:
    seeds, rule = tuple(job.seeds[place] for place in places), job.method.restart
    fresh = _fresh(job, seeds, segment.level, model.weight.device)
    index = model.layout.prunable(job.method.biases).to(model.weight.device)
    stack = Pruned(
        found["weight"], found["anchor"], mask, model.layout, seeds, segment.level, fresh,
        deviations(job.widths, job.init), found, Network(found, model.layout, index, job.dataset),
    )  # fmt: skip
    model.weight[places] = rule.restart(stack)
    if rule.rewinds and job.method.effective is not None:
        for name, values in job.method.effective.begin(model.weight[places], model.layout).items():
            model.state[name][places] = values
    if not rule.carried:  # a dense level in parts is one course of the optimiser; its memory ends here
        for name in states.remembered(model.state):
            del model.state[name]
    if rule.replays and "steps" in model.state:
        model.state["steps"][places] = 0


def _fresh(job: Job, seeds: tuple[int, ...], level: int, device: torch.device) -> Callable[[], Tensor]:
    def draw() -> Tensor:
        rows = initial_rows(job.widths, seeds, job.init, job.bias_init, purpose="reinit", level=level, dtype=job.dtype)
        return rows.to(device)

    return draw
