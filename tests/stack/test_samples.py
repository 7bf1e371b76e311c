"""Batches: every sample once an epoch, in an order that is the seed's own."""

import numpy as np
import pytest
import torch

from lth.data.dataset import Split
from lth.randomness import generator
from lth.stack.samples import HeldOutSamples, TrainingSamples


def split(samples: int) -> Split:
    """Samples that can be told apart: x is (n, -n), y is n."""
    numbers = np.arange(1, samples + 1, dtype=np.float32)
    return Split(np.stack([numbers, -numbers], axis=1), numbers[:, None])


def streams(*seeds: int) -> list[torch.Generator]:
    return [generator(seed, "batches", 0) for seed in seeds]


@pytest.mark.parametrize(("samples", "batch"), [(10, 4), (12, 4), (100, 64), (128, 64), (7, 60), (1, 1), (65, 32)])
def test_an_epoch_is_a_permutation_in_batches(samples: int, batch: int) -> None:
    training = TrainingSamples(split(samples), batch, torch.float32, "cpu")
    sizes = [min(batch, samples - start) for start in range(0, samples, batch)]
    assert training.sizes == sizes
    drawn = training.draw(streams(0, 5))
    assert drawn.shape == (len(sizes), 2, training.width)
    for place, seed in enumerate((0, 5)):
        wanted = torch.randperm(samples, generator=streams(seed)[0]).split(batch)
        for number, indices in enumerate(wanted):
            assert torch.equal(drawn[number, place, : len(indices)], indices)
            assert (drawn[number, place, len(indices) :] == samples).all(), "padding is the sample of zeros"
    assert not training.inputs[samples].any()
    assert not training.targets[:, samples].any()
    for weights, size in zip(training.weights, sizes, strict=True):
        assert (weights[:size] == torch.tensor(1 / size)).all()
        assert not weights[size:].any()


def test_each_epoch_is_another_order_and_each_seed_has_its_own() -> None:
    training = TrainingSamples(split(50), 16, torch.float32, "cpu")
    both, alone = streams(0, 1), streams(1)
    first, second = training.draw(both), training.draw(both)
    assert not torch.equal(first, second)
    assert not torch.equal(first[:, 0], first[:, 1])
    assert torch.equal(first[:, 1:], training.draw(alone))
    assert torch.equal(second[:, 1:], training.draw(alone))


@pytest.mark.parametrize(("samples", "batch"), [(10, 4), (64, 32), (100, 64), (75, 60), (33, 32)])
def test_real_columns_are_the_samples(samples: int, batch: int) -> None:
    training = TrainingSamples(split(samples), batch, torch.float32, "cpu")
    columns = training.draw(streams(3))[:, 0].flatten()
    assert sorted(training.real(columns).tolist()) == list(range(samples))
    later = training.real(columns[training.width :], first=1)
    assert torch.equal(later, training.real(columns)[training.batch_size :])


@pytest.mark.parametrize("samples", [1, 31, 64, 255, 256, 257, 700])
def test_held_out_samples_lie_in_chunks(samples: int) -> None:
    part = split(samples)
    held = HeldOutSamples(part, torch.float64, "cpu")
    side_by_side = held.chunks.transpose(0, 1).flatten(1)
    assert side_by_side.shape[1] == held.columns >= samples == held.count
    assert np.array_equal(side_by_side[:2, :samples].T.numpy(), part.x)
    assert (side_by_side[2, :samples] == 1).all()
    assert not side_by_side[:, samples:].any()
    assert np.array_equal(held.targets.numpy(), part.y.T)
