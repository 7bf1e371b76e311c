"""What a criterion sees and what it gives."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from lth.data import measure
from lth.data.dataset import Dataset
from lth.method.fit import Fit, Part
from lth.method.forward import forward
from lth.method.layout import Layout
from lth.method.schedule import in_rounds
from lth.method.state import State


@dataclass(frozen=True, eq=False)
class Network:
    """The networks that are pruned, whole: `state` has (R, size) tensors by name, in the order of `layout`.

    `index` (N,) are the positions of the prunable parameters in a row.
    """

    state: State
    layout: Layout
    index: Tensor
    dataset: Dataset

    def loss(self, row: Tensor, samples: Tensor, temperature: float = 1.0) -> Tensor:
        """The loss of one seed's parameters (size,) on these training samples, differentiable as often as one likes.

        The mean over tasks, of logits divided by `temperature`.
        """
        train, at = self.dataset.train, samples.cpu().numpy()
        x, y = (torch.from_numpy(part).to(row.device, row.dtype) for part in (train.rows(at), train.y[at]))
        logits = forward(self.layout, row[None], x[None]) / temperature
        return measure.losses(logits, y.T[None], self.dataset.tasks).mean()


@dataclass(frozen=True, eq=False)
class Candidates:
    """The prunable parameters of a stack at the end of a level, flat: layer by layer, row-major.

    `trained` and `anchor` (R, N) are the values after training and those that survivors rewind to, `mask` (R, N) bool
    the unpruned ones, `sizes` the parameters of each layer (they sum to N), `seeds` the R seeds, `level` the level that
    was trained. `network` is the whole of it, for criteria that need more; `keep` is how many are to be left.
    """

    trained: Tensor
    anchor: Tensor
    mask: Tensor
    sizes: tuple[int, ...]
    seeds: tuple[int, ...]
    level: int
    network: Network | None = None
    keep: int = 0

    @property
    def whole(self) -> Network:
        """The networks; there wherever a run is pruned."""
        assert self.network is not None, "only for candidates of a run"
        return self.network

    def own(self, name: str) -> Tensor:
        """What the state holds under this name of the prunable parameters, (R, N)."""
        return self.whole.state[name][:, self.whole.index]


class Criterion(Part, ABC):
    """A rule that ranks parameters: those with the highest scores are kept.

    `rounds`: a pruning is cut into so many, each with scores of its own, along a geometric series of keeps. With a
    `threshold` all with lower scores go, however many; the schedule then says how often, not how many. `neurons`: what
    is ranked are hidden neurons (R, H), which go whole until no more than the keep is left; no layer is emptied.
    """

    rounds: int = 1
    threshold: float | None = None
    neurons: bool = False

    @property
    def open(self) -> bool:
        """Whether the count that is left is the criterion's own."""
        return self.threshold is not None or self.neurons

    def check(self, fit: Fit) -> None:
        """Neurons go whole, biases among them, wherever they are, and the last one of a layer stays."""
        if not self.neurons:
            return
        if not fit.method.biases:
            raise ValueError("neurons go with their biases: pruning.biases=false would leave these behind")
        if fit.method.scope == "layerwise":
            raise ValueError("neurons of all layers are ranked together: pruning.scope must be global")
        least = Layout((fit.widths[0], *(1 for _ in fit.hidden), fit.widths[-1])).size
        if fit.keeps[-1] < least:
            raise ValueError(f"one neuron a layer has {least} parameters: no {fit.keeps[-1]} can be kept")

    def keeps(self, before: int, keep: int) -> tuple[int, ...]:
        """What is left after each round of one pruning from `before` to `keep` parameters."""
        return in_rounds(before, keep, self.rounds)

    @abstractmethod
    def score(self, weights: Candidates) -> Tensor:
        """Finite scores (R, N), compared within a seed; a seed's must not depend on the others in its stack."""

    def after(self, weight: Tensor) -> State:  # noqa: ARG002 - most remember nothing
        """What it keeps in the state for its next pruning, by name, once seeds with these values (R, size) go on."""
        return {}
