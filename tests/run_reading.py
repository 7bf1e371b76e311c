"""What the rows of a run must say, read from its configuration and its tickets alone, word by word and slowly."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig
from sklearn.metrics import accuracy_score, r2_score
from torch.nn import functional

from lth.data.dataset import Dataset, Split, Task
from lth.randomness import generator
from lth.ticket import Ticket, load
from tests.ticket.plain_reading import Plain

SCORES = {
    "Magnitude": lambda trained, anchor: np.abs(trained),
    "SmallFinal": lambda trained, anchor: -np.abs(trained),
    "LargeInit": lambda trained, anchor: np.abs(anchor),
    "Movement": lambda trained, anchor: np.abs(trained - anchor),
    "MagnitudeIncrease": lambda trained, anchor: np.abs(trained) - np.abs(anchor),
}


class RunReading:
    """A finished run: its composed configuration, its data, and the chain of tickets of every seed in its folder."""

    def __init__(self, folder: Path, config: DictConfig) -> None:
        self.config: Any = config
        self.data: Dataset = instantiate(self.config.dataset, _convert_="all")
        places = sorted(folder.glob("tickets/seed=*"))
        self.chains = {int(place.name[5:]): [load(path) for path in sorted(place.glob("level=*"))] for place in places}

    def mask(self, seed: int, level: int) -> list[bool]:
        """The flat mask that pruning must have left at a level, from the ticket of the level before."""
        before, biases = self.chains[seed][level - 1], self.config.pruning.biases
        trained, anchor = (
            flat(before.weights, before.biases, biases),
            flat(before.anchors, before.anchor_biases, biases),
        )
        kept = unpruned(before, biases)
        name = self.config.pruning.criterion._target_.rpartition(".")[2]
        if name == "Random":  # keyed by the level that was trained
            lots = generator(seed, "random criterion", level - 1)
            scores = torch.rand(len(kept), generator=lots, dtype=torch.float64).tolist()
        else:
            scores = SCORES[name](trained, anchor).tolist()
        keep = self.keep(seed, level)
        if self.config.pruning.scope == "global":
            return pruned(scores, kept, range(len(kept)), keep)
        sizes = [mask.size + len(mask) * biases for mask in before.masks]
        ends = [0, *accumulate(sizes)]
        blocks = [range(start, end) for start, end in pairwise(ends)]
        for block, share in zip(blocks, shares([sum(kept[i] for i in block) for block in blocks], keep), strict=True):
            kept = pruned(scores, kept, block, share)
        return kept

    def keep(self, seed: int, level: int) -> int:
        """The count of the geometric schedule: round(N (1 - rate)^level)."""
        dense = len(unpruned(self.chains[seed][0], self.config.pruning.biases))
        return round(dense * (1 - self.config.pruning.schedule.rate) ** level)

    def epochs(self, ticket: Ticket) -> tuple[int, int]:
        """How many epochs the level must have had by its own validation losses, and the one whose weights count."""
        rule, best, waited = self.config.trainer, 0, 0
        losses = ticket.epochs[:, 1].tolist()
        for epoch, loss in enumerate(losses):
            best, waited = (epoch, 0) if epoch == 0 or loss < losses[best] else (best, waited + 1)
            cut = rule.loss_cutoff is not None and loss <= rule.loss_cutoff
            if cut or waited == rule.patience or epoch + 1 == rule.max_epochs:
                return epoch + 1, best if rule.restore == "best" else epoch
        return -1, -1  # it ended too early

    def row(self, seed: int, level: int) -> dict[str, Any]:
        """Every column of a row but the training losses of the tasks, which no ticket tells."""
        ticket, dense = self.chains[seed][level], self.chains[seed][0]
        length, kept = self.epochs(ticket)
        row = {"seed": seed, "level": level, "epochs": length, "train_loss": ticket.epochs[kept, 0]}
        row |= self._schedule(seed, level) | _counts(ticket, self.config.pruning.biases)
        trained = [self.chains[seed][at] for at in range(level + 1)]
        row["spent_epochs"] = sum(len(one.epochs) for one in trained)
        row["spent_macs"] = sum(3 * len(one.epochs) * len(self.data.train.x) * _left(one) for one in trained)
        row["best_step"] = (min(range(length), key=ticket.epochs[:, 1].tolist().__getitem__) + 1) * self._steps()
        row["inference_macs"] = sum(int(mask.sum()) for mask in ticket.masks)
        row["anchor_step"] = min(self.config.pruning.rewind.get("step", 0), len(dense.epochs) * self._steps())
        for part, split in (("val", self.data.val), ("test", self.data.test)):
            row |= metrics(ticket, split, part)
        row |= structure(ticket, self.config.ticket.degrade_on == "outputs", self.config.ticket.cut_limit)
        if level == 0:
            return row | {"winning": None, "min_kept_magnitude": None}
        as_good = row["test_accuracy"] >= metrics(dense, self.data.test, "test")["test_accuracy"]
        before = self.chains[seed][level - 1]
        sizes = np.abs(flat(before.weights, before.biases, self.config.pruning.biases))
        horizon = sizes[np.array(unpruned(ticket, self.config.pruning.biases))].min()
        return row | {"winning": as_good and length <= len(dense.epochs), "min_kept_magnitude": float(horizon)}

    def _steps(self) -> int:
        """The steps of an epoch; the last one may have fewer samples."""
        return len(range(0, len(self.data.train.x), self.config.trainer.batch_size))

    def _schedule(self, seed: int, level: int) -> dict[str, Any]:
        keep, dense = self.keep(seed, level), self.keep(seed, 0)
        rate = None if level == 0 else 1 - keep / self.keep(seed, level - 1)
        return {"keep": keep, "rate": rate, "density": keep / dense}


def flat(weights: Sequence[np.ndarray], biases: Sequence[np.ndarray], with_biases: bool) -> np.ndarray:
    """The prunable parameters in the order of ties: layer by layer, row by row, a layer's biases after its weights."""
    pairs = zip(weights, biases, strict=True)
    return np.concatenate([np.append(weight, bias if with_biases else bias[:0]) for weight, bias in pairs])


def unpruned(ticket: Ticket, with_biases: bool) -> list[bool]:
    """The mask in the same order."""
    return flat(ticket.masks, ticket.bias_masks or ticket.biases, with_biases).astype(bool).tolist()


def pruned(scores: Sequence[float], mask: Sequence[bool], block: Sequence[int], keep: int) -> list[bool]:
    """The mask without the lowest of this block, the first among equals, so that `keep` of it are left."""
    left = sorted((scores[place], place) for place in block if mask[place])
    gone = {place for _, place in left[: len(left) - keep]}
    return [kept and place not in gone for place, kept in enumerate(mask)]


def shares(left: Sequence[int], keep: int) -> list[int]:
    """The same share of what is left in every layer, by largest remainders, the earlier layer first."""
    exact = [Fraction(count * keep, sum(left)) for count in left]
    order = sorted(range(len(left)), key=lambda layer: (int(exact[layer]) - exact[layer], layer))
    more = order[: keep - sum(map(int, exact))]
    return [int(share) + (layer in more) for layer, share in enumerate(exact)]


def metrics(ticket: Ticket, split: Split, part: str) -> dict[str, float]:
    """Loss and accuracy of a part of the data, per task and their means, in float64."""
    values = split.x.astype(np.float64)
    for layer, (weight, bias) in enumerate(zip(ticket.weights, ticket.biases, strict=True)):
        values = (values if layer == 0 else np.maximum(values, 0)) @ (weight * ticket.masks[layer]).T + bias
    each = [_measured(task, values[:, list(task.outputs)], split.y[:, list(task.outputs)]) for task in ticket.tasks]
    found: dict[str, float] = {}
    for place, name in enumerate(("loss", "accuracy")):
        found[f"{part}_{name}"] = float(np.mean([one[place] for one in each]))
        found |= {f"{part}_{name}_{task.name}": one[place] for task, one in zip(ticket.tasks, each, strict=True)}
    return found


def _measured(task: Task, logits: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    answers, targets = torch.from_numpy(logits), torch.from_numpy(y.astype(np.float64))
    if task.kind == "binary":
        loss = functional.binary_cross_entropy_with_logits(answers, targets)
        return loss.item(), float(accuracy_score(y, logits > 0))
    if task.kind == "classes":
        loss = functional.cross_entropy(answers, targets.argmax(dim=1))
        return loss.item(), float(accuracy_score(y.argmax(axis=1), logits.argmax(axis=1)))
    return functional.mse_loss(answers, targets).item(), float(r2_score(y, logits))


def _left(ticket: Ticket) -> int:
    """Unpruned parameters, biases always among them."""
    masks = [*ticket.masks, *(ticket.bias_masks or [np.ones_like(bias) for bias in ticket.biases])]
    return sum(int(mask.sum()) for mask in masks)


def _counts(ticket: Ticket, with_biases: bool) -> dict[str, int]:
    weights = sum(int(mask.sum()) for mask in ticket.masks)
    biases = sum(int(mask.sum()) for mask in ticket.bias_masks or ()) if with_biases else sum(map(len, ticket.biases))
    kinds = (weights + biases, 0) if with_biases else (weights, biases)
    return {"prunable": kinds[0], "unprunable": kinds[1], "weights": weights, "biases": biases}


def structure(ticket: Ticket, outputs_only: bool, cut_limit: int) -> dict[str, Any]:
    """The columns that the masks decide: states, components, status, distance, decided neurons."""
    plain, last = Plain(ticket.masks, ticket.tasks), len(ticket.masks)
    weights = [plain.weight(*edge) for edge in plain.graph.edges]
    neurons = {node: plain.neuron(node) for node in plain.graph}
    hidden = [state for (layer, _), state in neurons.items() if 0 < layer < last]
    heard = ticket.bias_masks or tuple(np.ones(len(bias), bool) for bias in ticket.biases)
    zombies = [float(ticket.biases[layer - 1][index]) for (layer, index), state in neurons.items()
               if 0 < layer < last and state == "zombie" and heard[layer - 1][index]]  # fmt: skip
    parts = _parts(plain)
    status = plain.status(outputs_only=outputs_only)
    row: dict[str, Any] = {f"{state}_weights": weights.count(state) for state in ("active", "inactive", "zombie")}
    row |= {f"{state}_neurons": hidden.count(state) for state in ("active", "inactive", "zombie")}
    row |= {"pruned_weights": sum(mask.size for mask in ticket.masks) - len(weights)}
    row |= {f"active_{name}": sum(state == "active" for (layer, _), state in neurons.items() if layer == place)
            for name, place in (("inputs", 0), ("outputs", last))}  # fmt: skip
    row |= {"zombie_biases": len(zombies), "audible_zombies": sum(bias > 0 for bias in zombies)}
    row |= {"zombie_bias_mean": float(np.mean(zombies)) if zombies else None, "status": status}
    row |= {"components": len(plain.components), "splits_remaining": len(ticket.tasks) - len(plain.components)}
    row |= {"partition": "|".join("+".join(ticket.tasks[i].name for i in part) for part in parts)}
    row |= {f"decided_{side}_{layer}": plain.decided(layer, side) for layer in range(1, last) for side in ("out", "in")}
    if row["active_weights"] > cut_limit or (len(parts) == len(ticket.tasks) and status != "separated"):
        return row | {"cut": None, "cut_magnitude": None}
    sizes = {((layer, start), (layer + 1, end)): abs(float(values[end, start]))
             for layer, values in enumerate(ticket.weights) for end, start in np.ndindex(values.shape)}  # fmt: skip
    return row | {"cut": plain.cut(dict.fromkeys(sizes, 1)), "cut_magnitude": plain.cut(sizes)}


def _parts(plain: Plain) -> list[list[int]]:
    """The tasks grouped by the components that they share, directly or through others."""
    shared = nx.Graph()
    shared.add_nodes_from(range(len(plain.tasks)))
    for part in plain.components:
        held = [index for index, task in enumerate(plain.tasks) if part & plain.ends(task)]
        shared.add_edges_from(pairwise(held))
    return sorted(sorted(group) for group in nx.connected_components(shared))


def differences(expected: Mapping[str, Any], row: Mapping[str, Any], rel: float) -> dict[str, tuple[Any, Any]]:
    """The columns in which a row of levels.parquet is not as it should be: what it should be, what it is."""
    return {name: (value, row[name]) for name, value in expected.items() if not _same(value, row[name], rel)}


def _same(value: Any, found: Any, rel: float) -> bool:
    if value is None or found is None or isinstance(value, str | bool | int):
        return value == found
    return bool(np.isclose(found, value, rtol=rel, atol=rel * 1e-2))
