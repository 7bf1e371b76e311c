"""MNIST-1D against the package that its author publishes, and new draws by new seeds."""

import mnist1d.data as published
import numpy as np
import pytest

from lth.data import mnist1d


def test_equal_draws_give_the_package_s_numbers() -> None:
    theirs = published.make_dataset()
    random = np.random.RandomState(42)  # which the package has by default
    labels = np.repeat(np.arange(10), 500)
    signals = mnist1d.signals(labels, random)
    order = random.permutation(len(labels))
    ours = ((signals - signals.mean()) / signals.std())[order]
    np.testing.assert_allclose(ours, np.concatenate([theirs["x"], theirs["x_test"]]), atol=1e-12)
    np.testing.assert_array_equal(labels[order], np.concatenate([theirs["y"], theirs["y_test"]]))


def test_each_seed_draws_new_samples() -> None:
    one, again, other = (mnist1d.build(n_train=50, n_val=10, n_test=10, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.train.x, again.train.x)
    assert not np.isin(one.train.x, other.train.x).any()


@pytest.mark.parametrize("samples", [10, 37])
def test_classes_are_in_equal_shares(samples: int) -> None:
    counts = mnist1d.build(n_train=samples, n_val=10, n_test=10).train.y.sum(axis=0)
    assert counts.max() - counts.min() <= 1
