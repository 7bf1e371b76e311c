"""Moons and circles that share inputs or labels, and the controls: what is shared, and what stays as it was."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from lth.data import Dataset, Split, controls, moons_circles, shared
from lth.data.source import PARTS
from lth.data.stored import digest_of

SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)
A, B = [0, 1], [2, 3]
sharing = pytest.mark.parametrize("kind", ["inputs", "labels"])
at_every_share = pytest.mark.parametrize("share", SHARES)


def parts(dataset: Dataset) -> tuple[Split, Split, Split]:
    return dataset.train, dataset.val, dataset.test


def rows(*columns: np.ndarray) -> list[bytes]:
    """The samples in a sorted order, so that sets of samples can be compared."""
    return sorted(row.tobytes() for row in np.column_stack(columns))


@pytest.mark.parametrize("kind", shared.SHARED)
def test_without_a_share_it_is_the_plain_dataset_bit_for_bit(kind: str) -> None:
    assert digest_of(shared.build(kind, 0, seed=4)) == digest_of(moons_circles.build(seed=4))
    assert digest_of(shared.build(kind, 0.0, noise_inputs=2)) == digest_of(moons_circles.build(noise_inputs=2))


def test_the_plain_control_is_the_plain_dataset_bit_for_bit() -> None:
    assert digest_of(controls.build("plain", seed=4)) == digest_of(moons_circles.build(seed=4))


def test_all_inputs_shared_are_the_same_inputs_and_two_questions() -> None:
    for part in parts(shared.build("inputs", 1, seed=2)):
        np.testing.assert_array_equal(part.x[:, A], part.x[:, B])
        assert abs(np.corrcoef(part.y.T)[0, 1]) < 4 / np.sqrt(len(part))


def test_all_labels_shared_are_the_same_labels() -> None:
    for part in parts(shared.build("labels", 1, seed=2)):
        np.testing.assert_array_equal(part.y[:, 0], part.y[:, 1])


@at_every_share
def test_as_many_samples_share_their_point_as_asked(share: float) -> None:
    plain, found = moons_circles.build(), shared.build("inputs", share)
    radius = np.median(np.linalg.norm(plain.train.x[:, A], axis=1))
    for name, before, after in zip(PARTS, parts(plain), parts(found), strict=True):
        np.testing.assert_array_equal(before.x[:, A], after.x[:, A])
        np.testing.assert_array_equal(before.y[:, 0], after.y[:, 0])
        at = shared._chosen(len(after), share, name, 0)
        others = np.setdiff1d(np.arange(len(after)), at)
        assert len(at) == round(share * len(after))
        # Standardised again, they are equal but for a shift and a scale of each column.
        for a, b in zip(A, B, strict=True):
            assert np.corrcoef(after.x[at, a], after.x[at, b])[0, 1] == pytest.approx(1)
            if len(others):
                assert np.corrcoef(before.x[others, b], after.x[others, b])[0, 1] == pytest.approx(1)
        inside = np.linalg.norm(before.x[:, A], axis=1) < radius
        np.testing.assert_array_equal(after.y[at, 1], inside[at])
        np.testing.assert_array_equal(after.y[others, 1], before.y[others, 1])


@at_every_share
def test_like_labels_are_as_many_as_asked_and_each_task_keeps_its_samples(share: float) -> None:
    plain, found = moons_circles.build(seed=1), shared.build("labels", share, seed=1)
    for before, after in zip(parts(plain), parts(found), strict=True):
        np.testing.assert_array_equal(before.x[:, A], after.x[:, A])
        np.testing.assert_array_equal(before.y[:, 0], after.y[:, 0])
        assert rows(before.x[:, B], before.y[:, 1]) == rows(after.x[:, B], after.y[:, 1])
        like = (after.y[:, 0] == after.y[:, 1]).mean()
        spread = 4 * np.sqrt((1 - share) / 4 / len(after))
        assert abs(like - (share + (1 - share) / 2)) <= spread


@sharing
def test_what_is_shared_grows_with_the_share(kind: str) -> None:
    found = [shared.build(kind, share, n_train=400) for share in (0, *SHARES)]
    if kind == "inputs":
        alike = [abs(np.corrcoef(one.train.x[:, [0, 2]].T)[0, 1]) for one in found]
    else:
        alike = [np.corrcoef(one.train.y.T)[0, 1] for one in found]
    assert alike[0] < 0.15
    assert alike[-1] == pytest.approx(1)
    assert (np.diff(alike) > 0.05).all()


def test_samples_of_a_smaller_share_are_among_those_of_a_larger_one() -> None:
    chosen = [set(shared._chosen(500, share, "train", 3).tolist()) for share in SHARES]
    assert all(small < large for small, large in pairwise(chosen))
    assert [len(one) for one in chosen] == [100, 200, 300, 400, 500]


@sharing
@at_every_share
def test_inputs_stay_standardised_labels_even_and_noise_inputs_untouched(kind: str, share: float) -> None:
    plain, found = moons_circles.build(noise_inputs=1), shared.build(kind, share, noise_inputs=1)
    np.testing.assert_allclose(found.train.x.mean(0, dtype=float), 0, atol=1e-5)
    np.testing.assert_allclose(found.train.x.std(0, dtype=float), 1, atol=1e-5)
    assert (np.abs(found.train.y.mean(0) - 0.5) < 0.05).all()
    assert found.tasks == plain.tasks
    for before, after in zip(parts(plain), parts(found), strict=True):
        np.testing.assert_array_equal(before.x[:, 4], after.x[:, 4])


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^share=0\.2: must be 0 where shared=none$"):
        shared.build("none", 0.2)


def test_the_same_control_is_all_inputs_shared() -> None:
    assert digest_of(controls.build("same", seed=6)) == digest_of(shared.build("inputs", 1, seed=6))


def test_the_alike_control_asks_the_questions_of_same_of_points_that_are_not_shared() -> None:
    alike, same = controls.build("alike"), controls.build("same")
    for one, other in zip(parts(alike), parts(same), strict=True):
        np.testing.assert_array_equal(one.x[:, A], other.x[:, A])
        np.testing.assert_array_equal(one.y[:, 0], other.y[:, 0])
        radius = np.linalg.norm(one.x[:, B], axis=1)
        assert radius[one.y[:, 1] == 1].max() < radius[one.y[:, 1] == 0].min()
        assert np.abs(np.corrcoef(one.x.T)[:2, 2:]).max() < 4.5 / np.sqrt(len(one))
        assert len({row.tobytes() for row in np.vstack([one.x[:, A], one.x[:, B]])}) == 2 * len(one)
    assert alike.train.y[:, 1].mean() == 0.5


def test_rotated_inputs_are_an_orthogonal_mix_of_the_plain_ones() -> None:
    plain, found = moons_circles.build(n_train=200), controls.build("rotated", n_train=200)
    mix = np.linalg.lstsq(plain.train.x.astype(float), found.train.x.astype(float), rcond=None)[0]
    np.testing.assert_allclose(mix @ mix.T, np.eye(4), atol=1e-6)
    for before, after in zip(parts(plain), parts(found), strict=True):
        np.testing.assert_allclose(before.x @ mix, after.x, atol=1e-5)
        np.testing.assert_allclose(pdist(before.x), pdist(after.x), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(before.y, after.y)
    # Of every column half belongs to either task.
    np.testing.assert_allclose((mix[A] ** 2).sum(0), 0.5, atol=1e-6)


def test_shuffled_labels_keep_their_balance_and_follow_from_nothing() -> None:
    plain, found = moons_circles.build(), controls.build("shuffled")
    for before, after in zip(parts(plain), parts(found), strict=True):
        np.testing.assert_array_equal(before.x, after.x)
        np.testing.assert_array_equal(before.y.sum(0), after.y.sum(0))
        assert np.abs(np.corrcoef(before.y.T, after.y.T)[:2, 2:]).max() < 4 / np.sqrt(len(after))
    for label in (0, 1):
        model = KNeighborsClassifier(15).fit(found.train.x, found.train.y[:, label])
        assert abs(model.score(found.test.x, found.test.y[:, label]) - 0.5) < 2.5 / np.sqrt(len(found.test))


@pytest.mark.parametrize("control", ["plain", "same", "alike"])
def test_every_task_can_be_learnt_from_its_own_inputs(control: str) -> None:
    found = controls.build(control)
    for task in found.tasks:
        model = SVC(C=10).fit(found.train.x[:, task.inputs], found.train.y[:, task.outputs[0]])
        assert model.score(found.test.x[:, task.inputs], found.test.y[:, task.outputs[0]]) > 0.95


def test_rotated_tasks_cannot_be_learnt_from_their_own_inputs_alone() -> None:
    found = controls.build("rotated")
    for task in found.tasks:
        target = [part.y[:, task.outputs[0]] for part in parts(found)]
        own, all_of_them = (
            SVC(C=10).fit(found.train.x[:, columns], target[0]).score(found.test.x[:, columns], target[2])
            for columns in (list(task.inputs), [0, 1, 2, 3])
        )
        assert own < all_of_them - 0.1
