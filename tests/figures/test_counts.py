"""Figures that stand for many marks: their counts and densities add up to what the tables hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_tables import make
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle, StepPatch

from lth.figures import lifetimes, loss, peaks, pixels, weights


def test_the_counts_of_losses_are_the_tickets() -> None:
    table = make("extension")["levels"]
    counts, _, losses = loss.draw({"levels": table}).axes
    assert sum(bar.get_height() for bar in counts.patches if isinstance(bar, Rectangle)) == len(table)
    assert sum(one.get_data().values.sum() for one in losses.patches if isinstance(one, StepPatch)) == len(table)


def test_the_median_loss_is_that_of_the_seeds_and_hollow_where_they_are_few() -> None:
    rows = [{"run": "r", "seed": seed, "level": level, "state": "finished", "status": "separated", "weights": 50,
             "active_weights": 40, "val_loss": 0.1 * (seed + 1) + 0.01 * level}
            for seed in range(7) for level in (0, 1, 2)]  # fmt: skip
    rows.append(rows[0] | {"active_weights": 4000, "val_loss": 0.5})
    axes = loss.draw({"levels": pd.DataFrame(rows)}).axes[1]
    line, full, hollow = axes.lines
    assert sorted(np.asarray(line.get_ydata()).tolist()) == pytest.approx([0.41, 0.5])
    assert np.asarray(full.get_ydata()).tolist() == pytest.approx([0.41])
    assert np.asarray(hollow.get_ydata()).tolist() == [0.5]
    assert hollow.get_markerfacecolor() == "white"


def test_a_question_about_lives_varies_one_thing_and_holds_the_rest() -> None:
    tables = make("zombies")
    figure = lifetimes.draw(tables)
    rows = tables["neurons"].query("state == 'zombie' and born < last_level")
    held = {"model.bias_init": "normal", "pruning.biases": False, "optimizer.weight_decay": 0.0}
    legends: dict[str, set[str]] = {}
    for axes in figure.axes:
        legend: Any = axes.get_legend()
        if legend:
            legends[axes.get_title("left").split("\n")[0]] = {text.get_text() for text in legend.get_texts()}
    for question, key, words in (
        ("Does weight decay end zombies sooner?", "optimizer.weight_decay", {0.0: "decay 0", 1.0: "decay 1"}),
        ("Do zombies end sooner if biases can be pruned?", "pruning.biases", {False: "bias kept", True: "bias pruned"}),
    ):
        others = rows
        for name, value in held.items():
            others = others if name == key else others[others[name] == value]
        assert legends[question] == {f"{word}, n = {(others[key] == value).sum()}" for value, word in words.items()}
    mine = rows
    for name, value in held.items():
        mine = mine[mine[name] == value]
    assert f"bias above 0.1, n = {(mine['bias'] > 0.1).sum()}" in legends["Does a large bias keep zombies alive?"]


def test_the_peak_is_the_first_level_at_which_most_neurons_become_inactive() -> None:
    rows = pd.DataFrame({"run": "r", "seed": 0, "level": range(5), "inactive_neurons": [0, 1, 4, 7, 7],
                         "active_neurons": [10, 9, 6, 3, 3], "zombie_neurons": 0, "weights": 9})  # fmt: skip
    fresh = peaks.fresh(rows)
    assert fresh["fresh"].tolist() == pytest.approx([0.1, 0.3, 0.3, 0])
    assert peaks.peak(fresh)["level"].tolist() == [2]


def test_a_density_of_weights_holds_every_weight() -> None:
    tables = make("weights")
    figure = weights.draw(tables)
    rows = tables["weights"].query("run == 'run 0'")
    for axes, expected in ((figure.axes[0], len(rows)), (figure.axes[1], len(rows.drop_duplicates(["seed", "start"])))):
        mesh = next(one for one in axes.collections if isinstance(one, QuadMesh))
        assert np.nansum(np.asarray(mesh.get_array())) == expected


def test_maps_of_pixels_have_one_scale_in_units_of_their_mean() -> None:
    images = [image for axes in pixels.draw(make("digits-pair")).axes for image in axes.images]
    assert len(images) == 8
    assert {image.get_clim() for image in images} == {(0, 4)}
    assert [float(np.mean(image.get_array())) for image in images] == pytest.approx([1] * 8)  # type: ignore[arg-type]
