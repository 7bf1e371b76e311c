"""What a stack will take, roughly, before anything of it is trained: seconds of one core, and bytes on the disk.

The rates were measured: the kernel's and PyTorch's steps as docs/performance.md has them, the epochs of a level on the
26 sizes of conf/experiment/extension.yaml, the sizes of files on those of 57 and 154 hidden neurons.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from lth.jobs.plan import Outline, Plan
from lth.settings import shape

BATCH, PATIENCE = 64, 30  # of what was measured
_STEP = {"kernel": (5e-6, 7e-9), "torch": (60e-6, 18e-9)}  # seconds of a step, and of a weight in it
_SPARSER = 1.2  # the kernel's seconds fall with this power of the share of weights that is left
_LEVEL, _PICTURE = 0.05, 0.5  # seconds: analysis and ticket of a level, picture of a seed
_TICKET, _DRAWN, _EPOCH, _ROW = 9_000, 500_000, 18, 3_000  # bytes beside the weights, and of a row in every mirror


@dataclass(frozen=True)
class Estimate:
    """Seconds of one core, and bytes."""

    seconds: float
    size: float

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.seconds + other.seconds, self.size + other.size)


def estimate(known: Outline | Plan, trainer: str = "kernel") -> Estimate:
    """What all seeds of a stack take, trained by the kernel or by torch; on a GPU nothing was measured."""
    settings, keeps, seeds = known.settings, known.keeps, len(known.settings.seed)
    widths = shape(settings, known.dataset.inputs, known.dataset.outputs)
    weights = sum(into * out for into, out in pairwise(widths))
    epochs = [_epochs(known, keep) for keep in keeps]
    batches = math.ceil(len(known.dataset.train) / settings.trainer.batch_size)
    fixed, each = _STEP[trainer]
    share = [(keep / keeps[0]) ** _SPARSER if trainer == "kernel" else 1.0 for keep in keeps]
    dense = each * weights * settings.trainer.batch_size / BATCH
    trained = sum(count * batches * (fixed + dense * part) for count, part in zip(epochs, share, strict=True))
    number = 8 if settings.trainer.precision == "float64" else 4
    tickets = len(keeps) * ((2 * number + 1) * weights + 2 * number * sum(widths[1:]) + _TICKET + _ROW)
    picture = int(settings.pictures)
    return Estimate(
        seeds * (trained + len(keeps) * _LEVEL + picture * _PICTURE),
        seeds * (tickets + picture * _DRAWN + _EPOCH * sum(epochs)),
    )


def _epochs(known: Outline | Plan, keep: int) -> float:
    """The epochs of a level with so many weights: fewer weights take longer, a fit of 26 sizes over their levels."""
    trainer, layers = known.settings.trainer, known.settings.model.layers
    fitted = math.exp(6.90 - 0.214 * math.log(max(keep, 1)) + 0.104 * math.log(sum(layers) / len(layers)))
    return min(trainer.max_epochs, max(trainer.patience, fitted * trainer.patience / PATIENCE))
