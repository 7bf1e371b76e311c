"""The figures of images show the means and gains of their tables."""

import numpy as np
import pandas as pd
import pytest
from made_tables import make

from lth.figures import gains, tickets


def test_tickets_are_compared_with_new_values_seed_by_seed() -> None:
    tables = make("lenet")
    levels = tables["levels"]
    reinit = levels[levels["level"].isin([2, 4])][["run", "seed", "level"]].assign(control="reinit")
    own = levels.set_index(["seed", "level"])
    keys = pd.MultiIndex.from_frame(reinit[["seed", "level"]])
    reinit["test_accuracy"] = own.loc[keys, "test_accuracy"].to_numpy() - 0.05
    reinit["best_step"] = own.loc[keys, "best_step"].to_numpy() * 2
    figure = tickets.draw({**tables, "controls": reinit})
    error, step = figure.axes[:2]
    lines = {str(line.get_label()): np.asarray(line.get_ydata(), float) for line in error.lines}
    wanted = 100 * (1 - levels.groupby("level")["test_accuracy"].mean().to_numpy())
    np.testing.assert_allclose(lines["ticket"][::-1], wanted)
    np.testing.assert_allclose(lines["new values"][::-1], wanted[[2, 4]] + 5)
    dense = next(line for line in step.lines if line.get_linestyle() == "--")
    assert dense.get_ydata()[0] == pytest.approx(levels[levels["level"] == 0]["best_step"].mean() / 1000)  # type: ignore[index]
    said = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert "times 2.00 [2.00, 2.00], the test error +5.00 [+5.00, +5.00] points" in said


def test_gains_are_of_pairs_over_data_seeds() -> None:
    tables = make("mnist1d")
    rows = tables["controls"].assign(test_accuracy=0.6)
    for control, more in (("ticket", 0.1), ("fresh-ticket", 0.07), ("fresh-reinit", 0.04)):
        rows.loc[rows["control"] == control, "test_accuracy"] += more
    figure = gains.draw({**tables, "controls": rows})
    accuracies, gained = ([float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o"]  # type: ignore[index]
                          for axes in figure.axes[:2])  # fmt: skip
    assert accuracies == pytest.approx([70, 60, 60, 60, 60, 67, 64, 60])
    assert gained == pytest.approx([10, 10, 10, 10, 3, 7])
    said = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert "on fresh data: +3.0 points [+3.0, +3.0]" in said
