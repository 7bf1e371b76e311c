"""The LightningModule around the stacked masked MLP: one training step is one epoch of every seed still training."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pytorch_lightning as pl
import torch
from torch import Tensor

from lth.data.dataset import Dataset
from lth.randomness import generator
from lth.stack.compact import pack, speaking_neurons
from lth.stack.packing import Packing
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.samples import HeldOutSamples, TrainingSamples
from lth.stack.size import best_seeds
from lth.stack.substack import SubStack
from lth.training.mlp import StackedMLP


@dataclass(frozen=True, eq=False)
class _Place:
    """Where one training seed's packed row comes from: its place in the model and canonical positions, -1 for none."""

    place: int
    sources: Tensor


class StackModule(pl.LightningModule):
    """Trains the levels of a stack: the IMP callback starts each level, seeds drop out as theirs ends.

    A Lightning epoch is one level, and one training step one pass of every seed still training over its data. Seeds
    are told apart by their place 0..R-1 in the model; `finished` holds, per place, what the level came to.
    """

    def __init__(
        self, model: StackedMLP, seeds: Sequence[int], dataset: Dataset, recipe: Recipe, batch_size: int, compact: bool
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.seeds, self.dataset, self.recipe = model, tuple(seeds), dataset, recipe
        self.finished: dict[int, Finished] = {}
        self._batch_size = batch_size
        # Leaving neurons out is exact only when nothing but a gradient moves a weight.
        self._compact = compact and recipe.penalty is None and recipe.moves_by_gradient_alone
        self._substacks: list[SubStack] = []
        self._origins: dict[int, _Place] = {}
        self._samples: tuple[TrainingSamples, HeldOutSamples] | None = None

    def configure_optimizers(self) -> None:
        """Nothing for Lightning: every sub-stack has its own optimiser, fresh at each level."""

    def train_dataloader(self) -> Iterable[int]:
        """An endless row of steps: the level decides when it is over."""
        return itertools.repeat(0)

    def start_level(self, level: int | Mapping[int, int], places: Sequence[int]) -> None:
        """Pack the seeds at these places, as they are in the model now, into sub-stacks of equal shape.

        `level` is that of all seeds, or that of each place; a dense level stands beside no other.
        """
        levels = dict.fromkeys(places, level) if isinstance(level, int) else level
        dense = [place for place in places if levels[place] == 0]
        assert len(dense) in (0, len(places)), "late rewinding counts the steps of the dense level alone"
        self.finished = {}
        self._substacks = [self._substack(levels, packing, group) for packing, group in self._groups(places)]

    def on_train_batch_start(self, batch: int, batch_idx: int) -> int | None:
        """End Lightning's epoch once every seed's level is over."""
        return None if self.training_seeds else -1

    def training_step(self, batch: int, batch_idx: int) -> None:
        """One epoch of every seed still training."""
        for substack in self._substacks:
            for finished in substack.epoch():
                self._take_back(finished)

    def abandon_level(self) -> None:
        """Leave the level as it is: no seed trains on, none is finished."""
        self._substacks = []

    @property
    def training_seeds(self) -> int:
        """How many seeds are still training at this level."""
        return sum(len(substack.members) for substack in self._substacks)

    def validation_loss(self) -> float:
        """The mean over the seeds still training of their last validation loss; not a number when there is none."""
        members = [member for substack in self._substacks for member in substack.members if member.measured]
        tasks = len(self.dataset.tasks)
        losses = [sum(member.measured[-1][tasks : 2 * tasks]) / tasks for member in members]
        return sum(losses) / len(losses) if losses else float("nan")

    def _groups(self, places: Sequence[int]) -> Iterable[tuple[Packing, list[_Place]]]:
        """The seeds by how they are packed: dense ones of equal widths together, as many as train best together."""
        groups: dict[object, tuple[Packing, list[_Place]]] = {}
        for place in places:
            packing, neurons = self._pack(place)
            key = packing if any(packing.patterns) else packing.widths
            _, members = groups.setdefault(key, (packing, []))
            members.append(_Place(place, packing.sources(self.model.layout, neurons)))
        for packing, members in groups.values():
            on_cpu = self.model.rows.device.type == "cpu"
            step = best_seeds(packing.widths, self._batch_size) if on_cpu else len(members)
            yield from ((packing, members[start : start + step]) for start in range(0, len(members), step))

    def _pack(self, place: int) -> tuple[Packing, list[Tensor]]:
        widths = self.model.layout.widths
        if not self._compact:
            return Packing(widths), [torch.arange(width) for width in widths]
        masks = [mask.cpu() for mask in self.model.weight_masks(place)]
        neurons = speaking_neurons(masks)
        return pack(masks, neurons), neurons

    def _substack(self, levels: Mapping[int, int], packing: Packing, group: Sequence[_Place]) -> SubStack:
        training, validation = self._parts()
        rows, masks = [], []
        for origin in group:
            self._origins[origin.place] = origin
            present, sources = origin.sources >= 0, origin.sources.clamp(min=0).to(self.model.rows.device)
            present = present.to(sources.device)
            rows.append(self.model.rows[origin.place].index_select(0, sources) * present)
            masks.append(self.model.mask[origin.place].index_select(0, sources) | ~present)
        members = [
            Member(origin.place, generator(self.seeds[origin.place], "batches", levels[origin.place]))
            for origin in group
        ]
        dense = levels[group[0].place] == 0
        recipe = replace(self.recipe, skipped_steps=0) if dense else replace(self.recipe, captured_step=0)
        return SubStack(
            members, packing, torch.stack(rows), torch.stack(masks), self.dataset.tasks,
            training, validation, recipe,
        )  # fmt: skip

    def _parts(self) -> tuple[TrainingSamples, HeldOutSamples]:
        """The samples on the training device, made when they are first needed and kept for all levels."""
        if self._samples is None:
            dtype, device = self.model.rows.dtype, self.model.rows.device
            self._samples = (
                TrainingSamples(self.dataset.train, self._batch_size, dtype, device),
                HeldOutSamples(self.dataset.val, dtype, device),
            )
        return self._samples

    def _take_back(self, finished: Finished) -> None:
        """Put a seed's trained values back into the model; neurons that were left out keep theirs."""
        origin = self._origins[finished.member]
        present = (origin.sources >= 0).to(self.model.rows.device)
        positions = origin.sources.to(self.model.rows.device)[present]
        self.model.rows[origin.place, positions] = finished.row[present]
        if finished.captured is not None:
            self.model.anchor[origin.place, positions] = finished.captured[present]
        self.finished[origin.place] = finished
