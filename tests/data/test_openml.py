"""MNIST and Fashion-MNIST from scikit-learn's cache, and what is said when they are not there."""

import shutil
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from lth.data import openml

SIZES = {"n_train": 180, "n_val": 60, "n_test": 40}


def test_the_own_test_part_is_the_test_part(openml_home: Path) -> None:
    home = str(openml_home)
    some, all_learning = (openml.build(n_train=n, n_val=v, n_test=40, data_home=home) for n, v in ((100, 60), (180, 1)))
    # The same 40 samples in the same order, whatever was asked of the others.
    np.testing.assert_array_equal(some.test.y, all_learning.test.y)
    loaded = openml._load("mnist", home)[1]
    np.testing.assert_array_equal(np.sort(some.test.y.argmax(1)), np.sort(loaded[240:]))


def test_black_pixels_stay_0(openml_home: Path) -> None:
    dataset = openml.build(["fashion"], data_home=str(openml_home), **SIZES)
    images = dataset.test.x.reshape(-1, 28, 28)
    assert (images[:, :2] == 0).all()
    assert (images[:, 2:26, 2:26].std(0) > 0).all()


def test_the_pair_holds_both_collections(openml_home: Path) -> None:
    pair = openml.build(["mnist", "fashion"], data_home=str(openml_home), **SIZES)
    assert pair.name == "mnist_fashion"
    assert [(task.name, len(task.inputs), len(task.outputs)) for task in pair.tasks] == [
        ("mnist", 784, 10),
        ("fashion", 784, 10),
    ]
    for number, task in enumerate(pair.task_names):
        alone = openml.build([task], data_home=str(openml_home), **SIZES)
        np.testing.assert_array_equal(pair.train.x[:, 784 * number :][:, :784], alone.train.x)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_train": 181, "n_val": 60}, r"n_train\+n_val=241: must be at most 240, .* mnist"),
        ({"n_test": 41}, "n_test=41: must be at most 40, .* mnist"),
    ],
)
def test_more_samples_than_there_are(sizes: dict, message: str, openml_home: Path) -> None:
    with pytest.raises(ValueError, match=message):
        openml.build(["mnist"], data_home=str(openml_home), **{**SIZES, **sizes})


def refuse(*_: object, **__: object) -> None:
    raise URLError("no network here")


def test_out_of_reach_says_what_to_fetch_and_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    with pytest.raises(ValueError, match="dataset fashion: Fashion-MNIST is neither in") as error:
        openml.build(["fashion"], data_home=str(tmp_path))
    line = str(error.value)
    assert "\n" not in line
    assert "no network here" in line
    assert f"copy there/openml to {tmp_path}" in line
    assert "fetch_openml" in line


def test_a_damaged_cache_is_set_aside_and_named(
    openml_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(openml_home / "openml", tmp_path / "openml")
    found = tmp_path / "openml" / "openml.org" / "data" / "v1" / "download" / "554" / "mnist_784.arff.gz"
    other = tmp_path / "openml" / "openml.org" / "data" / "v1" / "download" / "40996" / "Fashion-MNIST.arff.gz"
    shutil.copy(other, found)
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    with (
        pytest.warns(RuntimeWarning, match="Invalid cache"),
        pytest.raises(ValueError, match="mnist_784 is neither in"),
    ):
        openml.build(["mnist"], data_home=str(tmp_path), **SIZES)
