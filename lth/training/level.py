"""The two ends of a level: pruning and rewinding at its start; its row, its ticket and the way back at its end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lth.data import measure
from lth.data.dataset import Split
from lth.method.criterion.criterion import Candidates
from lth.method.prune import layer_keeps, prune
from lth.stack.recipe import Finished
from lth.ticket import Ticket, analyse
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows

Row = dict[str, Any]


def open_level(job: Job, model: StackedMLP, places: Sequence[int], level: int) -> dict[int, float]:
    """Prune the seeds at these places to the level's keep and rewind what is left, in the model.

    Gives per place the pruning horizon: the smallest trained magnitude among the parameters kept.
    """
    index = model.layout.prunable(job.biases).to(model.rows.device)
    rows, anchor, mask = (part[places] for part in (model.rows, model.anchor, model.mask))
    seeds = tuple(job.seeds[place] for place in places)
    sizes = model.layout.block_sizes(job.biases)
    candidates = Candidates(rows[:, index], anchor[:, index], mask[:, index], sizes, seeds, level - 1)
    scores = job.criterion.score(candidates)
    mask[:, index] = _pruned(scores, candidates.mask, job.keeps[level], job.scope, sizes)
    kept = torch.where(mask[:, index], candidates.trained.abs(), torch.inf).amin(dim=1)

    def fresh() -> Tensor:
        drawn = initial_rows(job.widths, seeds, job.init, job.bias_init, purpose="reinit", level=level, dtype=job.dtype)
        return drawn.to(rows.device)

    model.mask[places] = mask
    model.rows[places] = job.rewind.restart(rows, anchor, fresh) * mask
    return dict(zip(places, kept.tolist(), strict=True))


def level_row(
    job: Job, model: StackedMLP, place: int, level: int, finished: Finished, horizon: float | None, dense: Row | None
) -> Row:
    """All columns of levels.parquet for the seed at this place; `dense` is its row of level 0, None at level 0.

    `horizon` is the smallest trained magnitude that the pruning before this level kept.
    """
    row: Row = {"seed": job.seeds[place], "level": level, **_schedule(job, level), "epochs": len(finished.measured)}
    row |= _metrics(job, model, place, finished)
    row |= _counts(job, model, place)
    row |= _structure(job, model, place)
    # Frankle & Carbin (2019): commensurate accuracy in commensurate time, with fewer parameters. Of the test samples,
    # because the validation samples choose when to stop.
    row["winning"] = None if dense is None else _wins(row, dense)
    row["min_kept_magnitude"] = horizon
    row["anchor_step"] = _anchor_step(job, row) if dense is None else dense.get("anchor_step")
    return row


def level_ticket(job: Job, model: StackedMLP, place: int, level: int, row: Row, finished: Finished) -> Ticket:
    """The ticket of the seed at this place: masks, trained weights and anchors in full shape."""
    rows, anchor, mask = (part[place : place + 1].cpu() for part in (model.rows, model.anchor, model.mask))
    layout, layers = model.layout, range(model.layout.depth)
    return Ticket(
        masks=tuple(layout.weight(mask, layer)[0].numpy() for layer in layers),
        weights=tuple(layout.weight(rows, layer)[0].numpy() for layer in layers),
        biases=tuple(layout.bias(rows, layer)[0].numpy() for layer in layers),
        anchors=tuple(layout.weight(anchor, layer)[0].numpy() for layer in layers),
        anchor_biases=tuple(layout.bias(anchor, layer)[0].numpy() for layer in layers),
        bias_masks=tuple(layout.bias(mask, layer)[0].numpy() for layer in layers) if job.biases else None,
        seed=job.seeds[place],
        level=level,
        tasks=job.dataset.tasks,
        config_hash=job.config_hash,
        row=row,
        epochs=finished.measured.mean(axis=2),
    )


def restore(model: StackedMLP, tickets: Sequence[Ticket]) -> None:
    """Put the model where these tickets' levels ended, one ticket per seed in the stack's order."""
    for place, ticket in enumerate(tickets):
        bias_masks = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
        model.rows[place] = _flat(ticket.weights, ticket.biases)
        model.anchor[place] = _flat(ticket.anchors, ticket.anchor_biases)
        model.mask[place] = _flat(ticket.masks, bias_masks)


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
    return min(job.rewind.step, dense["epochs"] * job.batches)


def _metrics(job: Job, model: StackedMLP, place: int, finished: Finished) -> Row:
    """Losses and accuracies, their mean over tasks first; those of training and validation at the epoch kept."""
    tasks = job.dataset.tasks
    measured = finished.measured[finished.best - 1]
    test_loss, test_accuracy = _measure_test(model, place, job.dataset.test, job)
    found = dict(zip(("train_loss", "val_loss", "val_accuracy"), measured, strict=True))
    found |= {"test_loss": test_loss, "test_accuracy": test_accuracy}
    row: Row = {name: float(np.mean(values)) for name, values in found.items()}
    return row | {f"{name}_{task.name}": float(found[name][i]) for i, task in enumerate(tasks) for name in found}


@torch.no_grad()
def _measure_test(model: StackedMLP, place: int, test: Split, job: Job) -> tuple[np.ndarray, np.ndarray]:
    alone = StackedMLP(model.layout.widths, model.rows[place : place + 1])
    x, y = (torch.from_numpy(part).to(model.rows.device, model.rows.dtype) for part in (test.x, test.y))
    logits = alone(x).transpose(1, 2)
    losses = measure.losses(logits, y.T, job.dataset.tasks)[0]
    accuracies = measure.accuracy(logits, y.T, job.dataset.tasks)[0]
    return losses.double().cpu().numpy(), accuracies.double().cpu().numpy()


def _counts(job: Job, model: StackedMLP, place: int) -> Row:
    mask, layout = model.mask[place : place + 1], model.layout
    weights = sum(int(layout.weight(mask, layer).sum()) for layer in range(layout.depth))
    biases = sum(int(layout.bias(mask, layer).sum()) for layer in range(layout.depth))
    prunable = weights + biases if job.biases else weights
    return {"prunable": prunable, "unprunable": weights + biases - prunable, "weights": weights, "biases": biases}


def _structure(job: Job, model: StackedMLP, place: int) -> Row:
    rows, layers = model.rows[place : place + 1].cpu(), range(model.layout.depth)
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
