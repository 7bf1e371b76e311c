"""The samples of a dataset as the stack reads them: padded batches, drawn per seed, on the training device."""

from collections.abc import Sequence

import torch
from torch import Tensor

from lth.data.dataset import Split
from lth.stack.layout import aligned, padded_inputs


class TrainingSamples:
    """The training part, with a column of ones for the biases and a sample of zeros that fills the last batch.

    Batches are `width` columns wide in memory, at least `batch_size` and aligned; `weights` (batches, width) hold
    1/(samples in the batch) for real samples and 0 for padding.
    """

    def __init__(self, split: Split, batch_size: int, dtype: torch.dtype, device: torch.device | str) -> None:
        self.count = len(split)
        self.batch_size = min(batch_size, self.count)
        self.batches = -(-self.count // self.batch_size)
        self.width = aligned(self.batch_size)
        self.inputs = _with_ones(split, dtype, device, padding=1)
        targets = torch.from_numpy(split.y).to(device, dtype)
        self.targets = torch.cat([targets, targets.new_zeros(1, targets.shape[1])]).T.contiguous()
        real = torch.arange(self.batches * self.batch_size).view(self.batches, -1) < self.count
        self.sizes = real.sum(dim=1).tolist()
        self.weights = torch.zeros(self.batches, self.width, dtype=dtype)
        self.weights[:, : self.batch_size] = real.to(dtype) / real.sum(dim=1, keepdim=True)
        self.weights = self.weights.to(device)
        self._columns = self.weights.flatten().nonzero().flatten()
        self._leading = bool(self._columns[-1] == self.count - 1)

    def real(self, columns: Tensor, first: int = 0) -> Tensor:
        """Of columns (…, batches * width) of the batches from `first` on, those of real samples."""
        skipped = first * self.batch_size
        if self._leading and not skipped:
            return columns[..., : self.count]
        return columns[..., self._columns[skipped:] - first * self.width]

    def draw(self, streams: Sequence[torch.Generator]) -> Tensor:
        """The order of one epoch, (batches, R, width) sample indices: a permutation from each seed's own stream."""
        order = torch.full((len(streams), self.batches * self.batch_size), self.count)
        for row, stream in zip(order, streams, strict=True):
            torch.randperm(self.count, generator=stream, out=row[: self.count])
        if self.width == self.batch_size:
            return order.view(len(streams), self.batches, self.width).transpose(0, 1).contiguous()
        padded = torch.full((self.batches, len(streams), self.width), self.count)
        padded[:, :, : self.batch_size] = order.view(len(streams), self.batches, -1).transpose(0, 1)
        return padded


class HeldOutSamples:
    """A part that is only measured: chunks (chunks, columns, width) of samples, targets (outputs, samples)."""

    WIDTH = 256

    def __init__(self, split: Split, dtype: torch.dtype, device: torch.device | str) -> None:
        count, width = len(split), min(self.WIDTH, aligned(len(split)))
        chunks = -(-count // width)
        samples = _with_ones(split, dtype, device, padding=chunks * width - count)
        self.chunks = samples.view(chunks, width, -1).transpose(1, 2).contiguous()
        self.count, self.width, self.columns = count, width, chunks * width
        self.targets = torch.from_numpy(split.y).to(device, dtype).T.contiguous()


def _with_ones(split: Split, dtype: torch.dtype, device: torch.device | str, padding: int) -> Tensor:
    count, width = split.x.shape
    inputs = torch.zeros(count + padding, padded_inputs(width), dtype=dtype)
    inputs[:count, :width] = torch.from_numpy(split.x)
    inputs[:count, width] = 1
    return inputs.to(device)
