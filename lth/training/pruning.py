"""The start of a segment: seeds are pruned, and what is left restarts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.method.clock.clock import Segment
from lth.method.criterion.criterion import Candidates, Network
from lth.method.method import Method
from lth.method.prune import layer_keeps, prune, prune_below, prune_neurons
from lth.method.restart.restart import Pruned
from lth.method.schedule import in_rounds
from lth.method.state import State
from lth.stack import state as states
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows


@dataclass(frozen=True)
class Cut:
    """What one pruning did to a seed: the parameters before, and the smallest trained magnitude that it kept."""

    before: int
    horizon: float


def prune_and_restart(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> dict[int, Cut]:
    """Prune the seeds at these places as the segment says and restart what is left, in the model."""
    found, index = states.rows(model.state, places), model.layout.prunable(job.method.biases).to(model.weight.device)
    before, trained = found["mask"][:, index].sum(dim=1), found["weight"][:, index]
    mask = drawn(job, model, places, segment)
    kept = torch.where(mask[:, index], trained.abs(), torch.inf).amin(dim=1)
    start_under(job, model, places, segment, mask)
    cuts = zip(before.tolist(), kept.tolist(), strict=True)
    return dict(zip(places, (Cut(*cut) for cut in cuts), strict=True))


def start_under(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment, mask: Tensor) -> None:
    """Give the seeds at these places the masks (R, size) and restart what is left as the segment says."""
    found, places = states.rows(model.state, places), list(places)
    model.mask[places] = mask
    if segment.restarts:
        _restart(job, model, places, segment, found, mask)
    for name in ("weight", *states.remembered(model.state)):  # a moment would move a pruned weight off zero
        if model.state[name].ndim == 2:
            model.state[name][places] *= mask


def drawn(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> Tensor:
    """The masks (R, size) that these seeds would be given at the start of the segment; nothing changes."""
    method, layout, state = job.method, model.layout, states.rows(model.state, places)
    index = layout.prunable(method.biases).to(state["weight"].device)
    network, sizes = Network(state, layout, index, job.dataset), layout.block_sizes(method.biases)
    seeds = tuple(job.seeds[place] for place in places)
    left = int(state["mask"][:, index].sum(dim=1).max())
    for keep in in_rounds(left, segment.keep, method.criterion.rounds):
        trained, anchor, mask = (state[name][:, index] for name in ("weight", "anchor", "mask"))
        candidates = Candidates(trained, anchor, mask, sizes, seeds, max(segment.level - 1, 0), network)
        _prune(method, candidates, network, keep)
        state["weight"] = state["weight"] * state["mask"]
    return state["mask"]


def _prune(method: Method, candidates: Candidates, network: Network, keep: int) -> None:
    """Prune the network's masks to one keep."""
    criterion, mask = method.criterion, network.state["mask"]
    scores = criterion.score(candidates)
    if criterion.neurons:
        mask &= prune_neurons(scores, mask, network.layout, keep, network.index)
    elif criterion.threshold is not None:
        mask[:, network.index] = prune_below(scores, candidates.mask, criterion.threshold)
    elif method.scope == "global":
        mask[:, network.index] = prune(scores, candidates.mask, keep)
    else:
        # Every seed has the same counts left in a layer, for they follow from the counts before.
        left = [int(block[0].sum()) for block in candidates.mask.split(list(candidates.sizes), dim=1)]
        mask[:, network.index] = prune(scores, candidates.mask, layer_keeps(left, keep), candidates.sizes)


def _restart(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment, found: State, mask: Tensor) -> None:
    seeds, rule = tuple(job.seeds[place] for place in places), job.method.restart
    fresh = _fresh(job, seeds, segment.level, model.weight.device)
    stack = Pruned(found["weight"], found["anchor"], mask, model.layout, seeds, segment.level, fresh)
    model.weight[places] = rule.restart(stack)
    if rule.rewinds and job.method.effective is not None:
        for name, values in job.method.effective.begin(model.weight[places], model.layout).items():
            model.state[name][places] = values
    if rule.replays and "steps" in model.state:
        model.state["steps"][places] = 0


def _fresh(job: Job, seeds: tuple[int, ...], level: int, device: torch.device) -> Callable[[], Tensor]:
    def draw() -> Tensor:
        rows = initial_rows(job.widths, seeds, job.init, job.bias_init, purpose="reinit", level=level, dtype=job.dtype)
        return rows.to(device)

    return draw
