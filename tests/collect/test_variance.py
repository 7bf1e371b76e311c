"""The variance of pixels beside their weights, where the files of the images are at hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from lth.collect import collect
from lth.collect.variance import _of
from lth.command.run import start
from lth.data import openml
from tests.in_this_process import InThisProcess

SMALL = (
    "dataset.n_train=240", "dataset.n_val=1", "dataset.n_test=40", "dataset.noise_inputs=2", "model.hidden=[8,8]",
    "pruning.schedule.levels=2", "seed=0..1", "trainer.max_epochs=1", "tracking=off", "trainer.accelerator=cpu",
)  # fmt: skip


def test_pixels_have_the_variance_of_their_training_part(
    idx_folder: Path, openml_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lth.jobs.execution.Pool", InThisProcess)
    monkeypatch.setattr("lth.record.picture.png_of", lambda *_: b"")
    small = [one.replace("240", "239") for one in SMALL]
    assert start(["-m", "experiment=mnist", *small, f"dataset.folder={idx_folder}"]) == 0
    _of.cache_clear()
    table = collect(tmp_path / "multirun" / "mnist", "mnist", ["inputs"], draws=2)["inputs"]
    pixels = openml.load("mnist", str(openml_home))[0][:240] / 255
    noise = table["task"] == "noise"
    assert table.loc[noise, "variance"].isna().all()
    assert noise.sum() == 2 * 2 * 3
    for _, part in table[~noise].groupby(["seed", "level"]):
        # One of the 240 samples is the validation part, whichever it is.
        np.testing.assert_allclose(part["variance"], pixels.var(axis=0), atol=2e-3)
        assert ((part["variance"] == 0) == (np.ptp(pixels, axis=0) == 0)).all()
    shutil.rmtree(idx_folder / "mnist")
    _of.cache_clear()
    assert "variance" not in collect(tmp_path / "multirun" / "mnist", "mnist", ["inputs"], draws=2)["inputs"]
