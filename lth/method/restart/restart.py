"""What a rule for the values after a pruning sees and gives."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from torch import Tensor

from lth.method.criterion.criterion import Network
from lth.method.fit import Part
from lth.method.layout import Layout
from lth.method.state import State


@dataclass(frozen=True, eq=False)
class Pruned:
    """A stack that was just pruned: values after training, the anchor and the new mask, all (R, size).

    `fresh()` draws newly initialised values (R, size), each seed's keyed by its seed and level alone; it is called
    only by rules that need it. `level` is the one that starts. `network` is what was pruned, as it was before,
    `deviations` are those that each layer's weights are drawn with, `state` is all there was of the seeds by name.
    """

    trained: Tensor
    anchor: Tensor
    mask: Tensor
    layout: Layout
    seeds: tuple[int, ...]
    level: int
    fresh: Callable[[], Tensor]
    deviations: tuple[float, ...] = ()
    state: State = field(default_factory=dict)
    network: Network | None = None


class Restart(Part, ABC):
    """A rule for the values that a segment starts with, after its pruning.

    `step` is the optimisation step of the dense level after which the anchor is taken, and where the learning rate's
    schedule goes on; 0 is the initialisation. `carried`: the optimiser goes on with what it remembers, else it starts
    afresh. `rewinds`: the segment starts from earlier values, so that what effective weights add begins anew as well.
    `replays`: so do the schedule of the learning rate, from `step`, and the count of steps.
    """

    step: int
    carried: bool
    rewinds: bool = True
    replays: bool = True

    @abstractmethod
    def restart(self, stack: Pruned) -> Tensor:
        """New values (R, size), a copy, unmasked. A seed's must not depend on the others in its stack."""
