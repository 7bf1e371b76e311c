"""Training samples that a criterion looks at."""

import torch
from torch import Tensor

from lth.data.dataset import Dataset
from lth.randomness import generator


def examples(dataset: Dataset, seed: int, level: int, count: int) -> Tensor:
    """The indices of `count` training samples (all, where there are fewer), drawn from the seed's own stream."""
    stream = generator(seed, "criterion", level)
    return torch.randperm(len(dataset.train), generator=stream)[:count]
