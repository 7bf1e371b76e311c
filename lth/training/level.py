"""What a level came to: its row, its ticket, and the way back from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lth.stack import state as states
from lth.stack.recipe import Finished
from lth.ticket import Ticket, analyse
from lth.training.job import Job
from lth.training.mlp import StackedMLP
from lth.training.module import StackModule

Row = dict[str, Any]


@dataclass(frozen=True)
class Before:
    """What a row tells of what came before: the row of level 0 (None at level 0), and what the last pruning saw.

    `prunable` are the unpruned parameters of the level before, `horizon` the smallest trained magnitude that the
    pruning kept; `spent_epochs` and `spent_macs` are what training has cost so far, this level included.
    """

    dense: Row | None = None
    prunable: int | None = None
    horizon: float | None = None
    spent_epochs: int | None = None
    spent_macs: int | None = None


def level_row(module: StackModule, job: Job, place: int, level: int, before: Before) -> Row:
    """All columns of levels.parquet for the seed at this place, once the level's last segment is over."""
    model, finished = module.model, module.finished[place]
    row: Row = {"seed": job.seeds[place], "level": level, "epochs": len(finished.measured)}
    row |= _metrics(job, module, place, finished)
    row["best_step"] = _best_step(finished.measured, job.batches)
    row |= _counts(job, model, place)
    row |= _schedule(job, row["prunable"], before.prunable)
    row |= _structure(job, module, place)
    dense = before.dense
    # Frankle & Carbin (2019): commensurate accuracy in commensurate time, with fewer parameters. Of the test samples,
    # because the validation samples choose when to stop.
    row["winning"] = None if dense is None or not dense["epochs"] else _wins(row, dense)
    row["min_kept_magnitude"] = before.horizon
    row["anchor_step"] = _anchor_step(job, row) if dense is None else dense.get("anchor_step")
    return row | _cost(module, place, before)


def level_ticket(job: Job, module: StackModule, place: int, level: int, row: Row) -> Ticket:
    """The ticket of the seed at this place: masks, trained weights and anchors in full shape."""
    model, finished = module.model, module.finished[place]
    parts = {name: tensor[place : place + 1].cpu() for name, tensor in model.state.items()}
    raw, anchor, mask = (parts.pop(name) for name in ("weight", "anchor", "mask"))
    rows = raw
    if job.method.effective is not None:  # the network's weights are another thing than what was trained
        rows, parts["raw"] = module.shown(place)[0].cpu()[None] * mask, raw
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
        state={name: value[0].numpy() for name, value in parts.items()} if level < job.levels or "raw" in parts else {},
    )


def restore(model: StackedMLP, tickets: Sequence[Ticket]) -> None:
    """Put the model where these tickets' levels ended, one ticket per seed in the stack's order."""
    for place, ticket in enumerate(tickets):
        bias_masks = ticket.bias_masks or tuple(np.ones(len(bias), dtype=bool) for bias in ticket.biases)
        model.weight[place] = _flat(ticket.weights, ticket.biases)
        model.anchor[place] = _flat(ticket.anchors, ticket.anchor_biases)
        model.mask[place] = _flat(ticket.masks, bias_masks)
        for name, value in ticket.state.items():
            if name == "raw":
                model.weight[place] = torch.from_numpy(value)
                continue
            number = torch.from_numpy(np.array(value)).to(model.weight.device)
            states.put(model.state, place, name, number.reshape(()) if value.shape == (1,) else number)


def _flat(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]) -> Tensor:
    pairs = zip(weights, biases, strict=True)
    return torch.cat([torch.from_numpy(np.append(weight.ravel(), bias)) for weight, bias in pairs])


def _schedule(job: Job, keep: int, before: int | None) -> Row:
    rate = None if before is None else 1 - keep / before
    return {"keep": keep, "rate": rate, "density": keep / job.keeps[0]}


def _cost(module: StackModule, place: int, before: Before) -> Row:
    """Multiply-adds: those of training so far, and those of one sample through the network."""
    used = module.taking_part(place)
    weights = int(used[module.model.layout.prunable(biases=False).to(used.device)].sum())
    return {"spent_epochs": before.spent_epochs, "spent_macs": before.spent_macs, "inference_macs": weights}


def _anchor_step(job: Job, dense: Row) -> int:
    """The step of the dense level that the anchor was taken after: its last one where the rule's lies beyond."""
    return min(job.method.restart.step, dense["epochs"] * job.batches)


def _best_step(measured: np.ndarray, batches: int) -> int | None:
    """The step after which the validation loss was smallest: the early-stopping step of Frankle & Carbin (2019)."""
    return (int(measured[:, 1].mean(axis=1).argmin()) + 1) * batches if len(measured) else None


def _metrics(job: Job, module: StackModule, place: int, finished: Finished) -> Row:
    """Losses and accuracies, their mean over tasks first; those of training and validation at the epoch kept."""
    tasks = job.dataset.tasks
    weight, mask = module.shown(place)
    if finished.best:
        measured = finished.measured[finished.best - 1]
    else:  # of the epochs there is none to tell
        train, held = (module.trainers.measure(weight, mask, part) for part in (job.dataset.train, job.dataset.val))
        measured = np.stack([train[0], *held])
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


def _structure(job: Job, module: StackModule, place: int) -> Row:
    model = module.model
    rows, layers = module.shown(place)[0].cpu()[None], range(model.layout.depth)
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
