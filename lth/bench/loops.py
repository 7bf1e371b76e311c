"""What the stack is compared with: a plain PyTorch loop and idiomatic Lightning, one seed at a time."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, Sampler, TensorDataset

from lth.data.dataset import Dataset, Split
from lth.randomness import generator
from lth.training.mlp import StackedMLP, initial_rows

BATCH = 64


class SeedOrder(Sampler[int]):
    """The seed's own permutations, so that every contestant sees the same batches."""

    def __init__(self, count: int, seed: int) -> None:
        self._count, self._stream = count, generator(seed, "batches", 0)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(torch.randperm(self._count, generator=self._stream).tolist())


def linear_network(widths: Sequence[int], seed: int) -> nn.Sequential:
    """nn.Linear and nn.ReLU with the values that the stack gives this seed."""
    model = StackedMLP(widths, initial_rows(widths, [seed]))
    layers: list[nn.Module] = []
    for layer in range(model.layout.depth):
        linear = nn.Linear(widths[layer], widths[layer + 1])
        linear.weight.data = model.layout.weight(model.weight, layer)[0].clone()
        linear.bias.data = model.layout.bias(model.weight, layer)[0].clone()
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def plain_loop(dataset: Dataset, hidden: int, epochs: int, seed: int = 0) -> tuple[float, float]:
    """Train one seed with DataLoader, masks, Adam and a validation each epoch: seconds, last validation loss."""
    network = linear_network((dataset.inputs, hidden, hidden, dataset.outputs), seed)
    weights = [module.weight for module in network if isinstance(module, nn.Linear)]
    masks = [torch.ones_like(weight) for weight in weights]
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    training, validation = _loader(dataset.train, seed), _tensors(dataset.val)
    began, loss = time.process_time(), float("nan")
    for _ in range(epochs):
        for x, y in training:
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(network(x), y).backward()
            for weight, mask in zip(weights, masks, strict=True):
                weight.grad.mul_(mask)  # type: ignore[union-attr]
            optimizer.step()
        with torch.no_grad():
            loss = binary_cross_entropy_with_logits(network(validation[0]), validation[1]).item()
    return time.process_time() - began, loss


def lightning_loop(dataset: Dataset, hidden: int, epochs: int, seed: int = 0) -> tuple[float, float]:
    """The same with a LightningModule, loaders and a Trainer as its documentation shows: seconds, validation loss."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning|lightning_fabric")
    module = _Idiomatic(linear_network((dataset.inputs, hidden, hidden, dataset.outputs), seed))
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=epochs, logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, num_sanity_val_steps=0, plugins=[LightningEnvironment()],
    )  # fmt: skip
    validation = DataLoader(TensorDataset(*_tensors(dataset.val)), batch_size=len(dataset.val))
    began = time.process_time()
    trainer.fit(module, _loader(dataset.train, seed), validation)
    return time.process_time() - began, module.validation_loss


class _Idiomatic(pl.LightningModule):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.validation_loss = float("nan")

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        return binary_cross_entropy_with_logits(self.network(batch[0]), batch[1])

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        self.validation_loss = binary_cross_entropy_with_logits(self.network(batch[0]), batch[1]).item()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


def _tensors(split: Split) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(split.x), torch.from_numpy(split.y)


def _loader(split: Split, seed: int) -> DataLoader[tuple[Tensor, ...]]:
    return DataLoader(TensorDataset(*_tensors(split)), batch_size=BATCH, sampler=SeedOrder(len(split), seed))
