"""Where a stack trains by PyTorch: the samples that lie there."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lth.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class DeviceSamples:
    """Training and validation part on the training device: x (N, inputs), y (N, outputs)."""

    x: Tensor
    y: Tensor
    held_x: Tensor
    held_y: Tensor

    @classmethod
    def of(cls, dataset: Dataset, dtype: torch.dtype, device: torch.device) -> "DeviceSamples":
        """The samples of a dataset in this type on this device."""
        parts = (dataset.train.x, dataset.train.y, dataset.val.x, dataset.val.y)
        return cls(*(torch.from_numpy(part).to(device, dtype) for part in parts))
