"""The LightningModule around the stacked masked MLP: one training step is one visit of the seeds that train."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

import pytorch_lightning as pl
import torch

from lth.stack.begin import Trainers
from lth.stack.recipe import Finished, Member, Recipe
from lth.stack.training import Training
from lth.training.mlp import StackedMLP


class StackModule(pl.LightningModule):
    """Trains the segments of a stack: the IMP callback starts each, seeds drop out as theirs ends.

    A Lightning epoch is one segment, and a training step one visit of the seeds that still train. Seeds are told apart
    by their place 0..R-1 in the model; `finished` holds, per place, what the segment came to.
    """

    def __init__(self, model: StackedMLP, seeds: Sequence[int], recipe: Recipe) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.seeds, self.recipe = model, tuple(seeds), recipe
        self.finished: dict[int, Finished] = {}
        self._trainers: Trainers | None = None
        self._training: list[Training] = []

    def configure_optimizers(self) -> None:
        """Nothing for Lightning: every segment of a seed has its own optimiser."""

    def train_dataloader(self) -> Iterable[int]:
        """An endless row of visits: the segment decides when it is over."""
        return itertools.repeat(0)

    def start_segment(self, level: int | Mapping[int, int], places: Sequence[int]) -> None:
        """Begin to train the seeds at these places from what the model holds now.

        `level` is that of all seeds, or that of each place; a dense level stands beside no other.
        """
        levels = dict.fromkeys(places, level) if isinstance(level, int) else level
        dense = [place for place in places if levels[place] == 0]
        assert len(dense) in (0, len(places)), "late rewinding counts the steps of the dense level alone"
        self.finished = {}
        members = [Member(place, self.seeds[place], levels[place]) for place in places]
        self._training = self.trainers.begin(self.model.state, members)

    @property
    def trainers(self) -> Trainers:
        """What trains on this device; it holds the samples for all segments."""
        if self._trainers is None:
            self._trainers = Trainers(self.recipe, self.model.weight.device)
        return self._trainers

    def on_train_batch_start(self, batch: int, batch_idx: int) -> int | None:
        """End Lightning's epoch once every seed's segment is over."""
        return None if self.training_seeds else -1

    @torch.no_grad()
    def training_step(self, batch: int, batch_idx: int) -> None:
        """One visit: the seeds train for a while."""
        self._training = [training for training in self._training if training.members]
        for finished in self._training[0].visit():
            self.finished[finished.place] = finished

    def abandon_segment(self) -> None:
        """Leave the segment as it is: no seed trains on, none is finished."""
        self._training = []

    @property
    def training_seeds(self) -> int:
        """How many seeds are still training in this segment."""
        return sum(len(training.members) for training in self._training)

    @property
    def epochs(self) -> int:
        """The epochs of the seeds that train now."""
        return max((training.epochs() for training in self._training if training.members), default=0)

    def validation_loss(self) -> float:
        """The mean of the last validation losses of the seeds in training; not a number when there is none."""
        losses = [loss for training in self._training for loss in training.losses()]
        return sum(losses) / len(losses) if losses else float("nan")
