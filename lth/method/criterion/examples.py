"""Training samples that a criterion looks at."""

import numpy as np
import torch
from torch import Tensor

from lth.data.dataset import Dataset
from lth.randomness import generator


def examples(dataset: Dataset, seed: int, level: int, count: int) -> Tensor:
    """The indices of `count` training samples (all, where there are fewer), drawn from the seed's own stream."""
    return _order(dataset, seed, level)[:count]


def balanced(dataset: Dataset, seed: int, level: int, count: int) -> Tensor:
    """The same, of every class as many, or one more, as far as a class has them.

    A class is a combination of the tasks' answers; where all answers differ, lots decide. Source: Lee et al., SNIP,
    2019, and Wang et al., GraSP, 2020, whose batch has ten of each class.
    """
    order = _order(dataset, seed, level)
    classes = np.unique(dataset.train.y, axis=0, return_inverse=True)[1].reshape(-1)[order.numpy()]
    # Which one of its class each sample is, in the order drawn; first the first of all classes, then the second.
    by_class = np.argsort(classes, kind="stable")
    sorted_classes = classes[by_class]
    places = np.empty_like(by_class)
    places[by_class] = np.arange(len(by_class)) - np.searchsorted(sorted_classes, sorted_classes)
    return order[torch.from_numpy(np.argsort(places, kind="stable"))][:count]


def _order(dataset: Dataset, seed: int, level: int) -> Tensor:
    return torch.randperm(len(dataset.train), generator=generator(seed, "criterion", level))
