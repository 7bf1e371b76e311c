"""What a control starts from, at the start of its level and of each of the level's parts."""

from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from lth.controls.asked import Training
from lth.controls.known import KNOWN
from lth.method.clock.clock import Segment
from lth.method.layout import Layout
from lth.method.restart.onward import Onward
from lth.method.restart.restart import Pruned, Restart
from lth.randomness import generator
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.pruning import Cut, prune_and_restart, start_under


@dataclass(frozen=True, eq=False)
class FromValues(Restart):
    """A new start, by everything: given values (R, size), a fresh optimiser, what effective weights add begun anew."""

    values: Tensor
    step: int = field(default=0, init=False)
    carried: bool = field(default=False, init=False)

    def restart(self, stack: Pruned) -> Tensor:  # noqa: ARG002
        """The values."""
        return self.values.clone()


def carries(job: Job, training: Training) -> bool:
    """Whether a training goes on with what the optimiser remembers of the level before."""
    return job.method.restart.carried and not KNOWN[training.control].anew


def begin(job: Job, model: StackedMLP, place: int, training: Training, segment: Segment, mask: Tensor) -> Cut | None:
    """Put the mask and the values that a part of the level starts with into the model; `mask` (1, size) is the level's.

    A recorded ticket is pruned and restarted as it was. The others have their mask from the first part on, and restart
    where the ticket does: at their own values, if they have any, where it rewinds.
    """
    if training.unchanged:
        return prune_and_restart(job, model, [place], segment)[place] if segment.prunes else None
    if segment.part and not segment.restarts:
        return None
    if segment.part:
        _reorder(job, model, place, training, back=True)
    if training.control == "shuffled":
        mask = shuffled(model.layout, mask, generator(training.seed, "shuffle", training.level))
    if KNOWN[training.control].whole:
        mask = torch.ones_like(mask)
    rule = _rule(job, model, place, training, segment)
    under = replace(job, method=replace(job.method, restart=rule))
    restarts = segment.restarts or rule is not job.method.restart
    start_under(under, model, [place], replace(segment, restarts=restarts), mask)
    _reorder(job, model, place, training)
    return None


def _rule(job: Job, model: StackedMLP, place: int, training: Training, segment: Segment) -> Restart:
    own, values = job.method.restart, KNOWN[training.control].values
    if values == "trained":
        return Onward(carried=own.carried)
    if values == "restarted" or (segment.part and not own.rewinds):
        return own
    if values == "anchor":
        return FromValues(model.anchor[place : place + 1].clone())
    seed, level = (training.seed,), training.level
    drawn = initial_rows(
        job.widths, seed, job.init, job.bias_init, purpose="control", level=level, dtype=job.dtype
    )  # fmt: skip
    return FromValues(drawn)


def _reorder(job: Job, model: StackedMLP, place: int, training: Training, *, back: bool = False) -> None:
    """Give all there is of a permuted seed its other order of inputs, or take it `back`."""
    if training.control != "permuted":
        return
    order = torch.randperm(model.layout.widths[0], generator=generator(training.seed, "permute", training.level))
    for name, rows in model.state.items():
        if rows.ndim == 2 and job.recipe.held(name.partition(".")[0]):
            first = model.layout.weight(rows[place : place + 1], 0)
            first.copy_(first[:, :, order.argsort() if back else order])


def shuffled(layout: Layout, mask: Tensor, stream: torch.Generator) -> Tensor:
    """A mask (1, size) with as many unpruned weights in every layer, and biases too, at random places."""
    drawn = mask.clone()
    for layer in range(layout.depth):
        for block in (layout.weight(drawn, layer), layout.bias(drawn, layer)):
            order = torch.randperm(block.numel(), generator=stream)
            block.copy_(block.flatten()[order].view_as(block))
    return drawn
