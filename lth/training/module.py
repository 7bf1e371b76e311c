"""The LightningModule around the stacked masked MLP: one training step is one visit of the seeds that train."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

import pytorch_lightning as pl
import torch

from lth.method.clock.clock import Segment
from lth.stack import state as states
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

    def start_segment(self, segments: Mapping[int, Segment]) -> None:
        """Begin to train seeds from what the model holds now, each, by its place, the segment that is given.

        A dense level stands beside no other.
        """
        dense = [place for place, segment in segments.items() if segment.level == 0]
        assert len(dense) in (0, len(segments)), "late rewinding counts the steps of the dense level alone"
        self.finished = {}
        self._aim(segments)
        members = [Member(place, self.seeds[place], of.level, of.part, of.epochs) for place, of in segments.items()]
        self._training = self.trainers.begin(self.model.state, members)

    def _aim(self, segments: Mapping[int, Segment]) -> None:
        """Tell the effective weights that ask for it how much the next pruning leaves."""
        if self.recipe.effective is None or not self.recipe.effective.aims:
            return
        for place, segment in segments.items():
            goal = segment.keep if segment.goal is None else segment.goal
            states.put(self.model.state, place, "goal", torch.tensor(goal))

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

    @torch.no_grad()
    def shown(self, place: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The weights (size,) that a seed's network computes with when it is measured, and which of them take part."""
        weight, mask, effective = self.model.weight[place], self.model.mask[place], self.recipe.effective
        if effective is None:
            return weight, mask
        one = {name: tensor[place : place + 1] for name, tensor in self.model.state.items()}
        found = effective.measured(one, self.model.layout)[0]
        return (found, torch.ones_like(mask)) if effective.dense else (found * mask, mask)

    def taking_part(self, place: int) -> torch.Tensor:
        """Which parameters (size,) a seed's network computes with: what is unpruned, or pruned but held off 0."""
        weight, mask = self.shown(place)
        return mask & ((weight != 0) | self.model.mask[place])

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
