"""The two ends of a segment: pruning and restarting at its start; its row, its ticket and the way back at its end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lth.method.clock.clock import Segment
from lth.method.criterion.criterion import Candidates
from lth.method.prune import layer_keeps, prune
from lth.stack import state as states
from lth.stack.recipe import Finished
from lth.ticket import Ticket, analyse
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.module import StackModule

Row = dict[str, Any]


def prune_and_restart(job: Job, model: StackedMLP, places: Sequence[int], segment: Segment) -> dict[int, float]:
    """Prune the seeds at these places to the segment's keep and restart what is left, in the model.

    Gives per place the pruning horizon: the smallest trained magnitude among the parameters kept.
    """
    method, index = job.method, model.layout.prunable(job.method.biases).to(model.weight.device)
    found, seeds = states.rows(model.state, places), tuple(job.seeds[place] for place in places)
    weight, anchor, mask = (found[name] for name in ("weight", "anchor", "mask"))
    sizes = model.layout.block_sizes(method.biases)
    candidates = Candidates(weight[:, index], anchor[:, index], mask[:, index], sizes, seeds, segment.level - 1)
    scores = method.criterion.score(candidates)
    mask[:, index] = _pruned(scores, candidates.mask, segment.keep, method.scope, sizes)
    kept = torch.where(mask[:, index], candidates.trained.abs(), torch.inf).amin(dim=1)

    def fresh() -> Tensor:
        drawn = initial_rows(
            job.widths, seeds, job.init, job.bias_init, purpose="reinit", level=segment.level, dtype=job.dtype
        )
        return drawn.to(weight.device)

    model.mask[places] = mask
    if segment.restarts:
        model.weight[places] = method.restart.restart(weight, anchor, fresh)
    for name in ("weight", *states.remembered(model.state)):  # a moment would move a pruned weight off zero
        if model.state[name].ndim == 2:
            model.state[name][places] *= mask
    return dict(zip(places, kept.tolist(), strict=True))


def level_row(job: Job, module: StackModule, place: int, level: int, horizon: float | None, dense: Row | None) -> Row:
    """All columns of levels.parquet for the seed at this place; `dense` is its row of level 0, None at level 0.

    `horizon` is the smallest trained magnitude that the pruning before this level kept.
    """
    model, finished = module.model, module.finished[place]
    row: Row = {"seed": job.seeds[place], "level": level, **_schedule(job, level), "epochs": len(finished.measured)}
    row |= _metrics(job, module, place, finished)
    row |= _counts(job, model, place)
    row |= _structure(job, model, place)
    # Frankle & Carbin (2019): commensurate accuracy in commensurate time, with fewer parameters. Of the test samples,
    # because the validation samples choose when to stop.
    row["winning"] = None if dense is None else _wins(row, dense)
    row["min_kept_magnitude"] = horizon
    row["anchor_step"] = _anchor_step(job, row) if dense is None else dense.get("anchor_step")
    return row


def level_ticket(job: Job, module: StackModule, place: int, level: int, row: Row) -> Ticket:
    """The ticket of the seed at this place: masks, trained weights and anchors in full shape."""
    model, finished = module.model, module.finished[place]
    parts = {name: tensor[place : place + 1].cpu() for name, tensor in model.state.items()}
    rows, anchor, mask = (parts.pop(name) for name in ("weight", "anchor", "mask"))
    layout, layers = model.layout, range(model.layout.depth)
    return Ticket(
        masks=tuple(layout.weight(mask, layer)[0].numpy() for layer in layers),
        weights=tuple(layout.weight(rows, layer)[0].numpy() for layer in layers),
        biases=tuple(layout.bias(rows, layer)[0].numpy() for layer in layers),
        anchors=tuple(layout.weight(anchor, layer)[0].numpy() for layer in layers),
        anchor_biases=tuple(layout.bias(anchor, layer)[0].numpy() for layer in layers),
        bias_masks=tuple(layout.bias(mask, layer)[0].numpy() for layer in layers) if job.method.biases else None,
        seed=job.seeds[place],
        level=level,
        tasks=job.dataset.tasks,
        config_hash=job.config_hash,
        row=row,
        epochs=finished.measured.mean(axis=2),
        state={name: value[0].numpy() for name, value in parts.items()} if level < job.levels else {},
    )


def restore(model: StackedMLP, tickets: Sequence[Ticket]) -> None:
    """Put the model where these tickets' levels ended, one ticket per seed in the stack's order."""
    for place, ticket in enumerate(tickets):
        bias_masks = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
        model.weight[place] = _flat(ticket.weights, ticket.biases)
        model.anchor[place] = _flat(ticket.anchors, ticket.anchor_biases)
        model.mask[place] = _flat(ticket.masks, bias_masks)
        for name, value in ticket.state.items():
            number = torch.from_numpy(np.array(value)).to(model.weight.device)
            states.put(model.state, place, name, number.reshape(()) if value.shape == (1,) else number)


def _pruned(scores: Tensor, mask: Tensor, keep: int, scope: str, sizes: Sequence[int]) -> Tensor:
    if scope == "global":
        return prune(scores, mask, keep)
    # Every seed has the same counts left in a layer, for they follow from the counts before.
    left = [int(block[0].sum()) for block in mask.split(list(sizes), dim=1)]
    return prune(scores, mask, layer_keeps(left, keep), sizes)


def _flat(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Tensor:
    pairs = zip(weights, biases, strict=True)
    return torch.cat([torch.from_numpy(np.append(weight.ravel(), bias)) for weight, bias in pairs])


def _schedule(job: Job, level: int) -> Row:
    keep = job.keeps[level]
    rate = None if level == 0 else 1 - keep / job.keeps[level - 1]
    return {"keep": keep, "rate": rate, "density": keep / job.keeps[0]}


def _anchor_step(job: Job, dense: Row) -> int:
    """The step of the dense level that the anchor was taken after: its last one where the rule's lies beyond."""
    return min(job.method.restart.step, dense["epochs"] * job.batches)


def _metrics(job: Job, module: StackModule, place: int, finished: Finished) -> Row:
    """Losses and accuracies, their mean over tasks first; those of training and validation at the epoch kept."""
    tasks = job.dataset.tasks
    measured = finished.measured[finished.best - 1]
    weight, mask = (part[place] for part in (module.model.weight, module.model.mask))
    test_loss, test_accuracy = module.trainers.measure_test(weight, mask)
    found = dict(zip(("train_loss", "val_loss", "val_accuracy"), measured, strict=True))
    found |= {"test_loss": test_loss, "test_accuracy": test_accuracy}
    row: Row = {name: float(np.mean(values)) for name, values in found.items()}
    return row | {f"{name}_{task.name}": float(found[name][i]) for i, task in enumerate(tasks) for name in found}


def _counts(job: Job, model: StackedMLP, place: int) -> Row:
    mask, layout = model.mask[place : place + 1], model.layout
    weights = sum(int(layout.weight(mask, layer).sum()) for layer in range(layout.depth))
    biases = sum(int(layout.bias(mask, layer).sum()) for layer in range(layout.depth))
    prunable = weights + biases if job.method.biases else weights
    return {"prunable": prunable, "unprunable": weights + biases - prunable, "weights": weights, "biases": biases}


def _structure(job: Job, model: StackedMLP, place: int) -> Row:
    rows, layers = model.weight[place : place + 1].cpu(), range(model.layout.depth)
    masks = [mask.cpu().numpy() for mask in model.weight_masks(place)]
    weights = [model.layout.weight(rows, layer)[0].numpy() for layer in layers]
    biases = [model.layout.bias(rows, layer)[0].numpy() for layer in layers]
    mask = model.mask[place : place + 1].cpu()
    bias_masks = [model.layout.bias(mask, layer)[0].numpy() for layer in layers]
    structure = analyse(
        masks, job.dataset.tasks, weights, biases,
        bias_masks=bias_masks, degrade_on=job.degrade_on, cut_limit=job.cut_limit,
    )  # fmt: skip
    return structure.columns()


def _wins(row: Row, dense: Row) -> bool:
    return row["test_accuracy"] >= dense["test_accuracy"] and row["epochs"] <= dense["epochs"]
