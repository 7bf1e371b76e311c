"""forecast: who is at risk, which half is fitted, and every figure against scikit-learn on the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from lth.collect import Missing
from lth.evidence.forecast import at_risk, forecast, forecasts


def run(data: int, seed: int, cuts: list[float | None], first: int | None = None, hidden: int = 57) -> pd.DataFrame:
    """A run whose levels have these cuts and whose first separated level is `first`."""
    n = len(cuts)
    status = ["separated" if first is not None and level >= first else "interconnected" for level in range(n)]
    return pd.DataFrame({
        "run": f"h={hidden},d={data}", "model.hidden": hidden, "dataset.seed": data, "seed": seed, "state": "finished",
        "level": range(n), "status": status, "cut": pd.array(cuts, dtype="Float64"),
        "active_weights": [400 // 2**level for level in range(n)],
    })  # fmt: skip


def drawn(data_seeds: int = 8, seeds: int = 6, shift: float = 0.0) -> pd.DataFrame:
    """Runs that separate at the next level with a chance that falls with the cut."""
    random, parts = np.random.default_rng(0), []
    for data in range(100, 100 + data_seeds):
        for seed in range(seeds):
            cuts, first = [], None
            for level in range(8):
                cuts.append(float(random.integers(1, 40)) if first is None else 0.0)
                if first is None and level and random.random() < 1 / (1 + np.exp(1.2 * np.log2(cuts[-1]) - 2 + shift)):
                    first = level + 1
            parts.append(run(data, seed, cuts, first if first is not None and first < 8 else None))
    return pd.concat(parts, ignore_index=True)


def test_at_risk_is_who_is_joined_with_a_known_cut_and_levels_enough_ahead() -> None:
    table = run(100, 1, [30, 9, None, 2, 0, 0], first=4)
    assert at_risk(table, 1)[["level", "event"]].to_numpy().tolist() == [[0, False], [1, False], [3, True]]
    assert at_risk(table, 3)[["level", "event"]].to_numpy().tolist() == [[0, False], [1, True], [3, True]]
    never = run(100, 2, [30, 9, 5, 2])
    assert at_risk(never, 1)["level"].tolist() == [0, 1, 2]
    assert at_risk(never, 3)["level"].tolist() == [0]
    assert not at_risk(never, 3)["event"].any()


def test_who_is_degraded_fragmented_or_unfinished_is_not_asked() -> None:
    table = run(100, 1, [30, 9, 5, 2, 1])
    table.loc[[1, 2], "status"] = ["degraded", "fragmented"]
    assert at_risk(table, 1)["level"].tolist() == [0, 3]
    with pytest.raises(Missing, match="no run is finished"):
        at_risk(table.assign(state="failed"), 1)
    with pytest.raises(Missing, match="known cut"):
        at_risk(table.assign(cut=np.nan), 1)


@pytest.mark.parametrize("ahead", [1, 2])
def test_figures_are_those_of_scikit_learn_on_the_other_half(ahead: int) -> None:
    table = drawn()
    found = forecast(table, ahead)
    rows = at_risk(table, ahead)
    fitting, testing = rows[rows["dataset.seed"] < 104], rows[rows["dataset.seed"] >= 104]
    model = LogisticRegression(C=np.inf).fit(fitting[["log_cut"]].to_numpy(), fitting["event"])
    chances = model.predict_proba(testing[["log_cut"]].to_numpy())[:, 1]
    assert (found.fitted, found.tested, found.clusters) == (len(fitting), len(testing), 4)
    assert found.events == testing["event"].sum()
    assert found.auc.value == pytest.approx(roc_auc_score(testing["event"], chances))
    assert found.brier.value == pytest.approx(brier_score_loss(testing["event"], chances))
    always = brier_score_loss(testing["event"], np.full(len(testing), fitting["event"].mean()))
    assert found.skill.value == pytest.approx(1 - found.brier.value / always)
    logits = np.log(chances / (1 - chances))[:, None]
    again = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logits, testing["event"])
    assert found.slope.value == pytest.approx(again.coef_[0, 0], rel=1e-3)
    assert found.gain.value == pytest.approx(found.auc_both.value - found.auc_sparsity.value)
    for one in (found.auc, found.auc_within, found.brier, found.skill, found.slope, found.gain):
        assert one.low <= one.value <= one.high
        assert one.low < one.high


def test_a_cut_that_tells_all_has_an_auc_of_one_and_one_that_tells_nothing_a_half() -> None:
    parts = [run(data, seed, [20, 20, 1, 0], first=3) if seed % 2 else run(data, seed, [20, 20, 20, 20])
             for data in range(100, 104) for seed in range(4)]  # fmt: skip
    told = forecast(pd.concat(parts, ignore_index=True))
    assert (told.auc.value, told.auc.low, told.auc.high) == (1, 1, 1)
    same = [part.assign(cut=20.0) for part in parts]
    nothing = forecast(pd.concat(same, ignore_index=True))
    assert (nothing.auc.value, nothing.auc_within.value) == (0.5, 0.5)
    # A run separates from level 2 on alone, so that its weights tell something; within a level the cut tells all.
    assert nothing.auc_sparsity.value > 0.5
    assert told.auc_within.value == 1


def test_tables_of_rates_count_every_tested_level_once() -> None:
    found = forecast(drawn())
    for table in (found.reliability, found.by_cut):
        assert table["n"].sum() == found.tested
        assert (table["observed"] * table["n"]).sum() == pytest.approx(found.events)
        assert ((table["low"] <= table["observed"]) & (table["observed"] <= table["high"])).all()
    assert found.by_cut["cut"].tolist() == ["1", "2", "3 to 4", "5 to 8", "9 to 16", "above 16"]
    assert (found.by_cut["predicted"].diff().dropna() < 0).all()


def test_what_was_fitted_elsewhere_is_not_calibrated_here() -> None:
    """The upper half separates far less often: the predictions are too high there, and their Brier score worse."""
    table = drawn()
    other = drawn(shift=2.5)
    mixed = pd.concat([table[table["dataset.seed"] < 104], other[other["dataset.seed"] >= 104]], ignore_index=True)
    found = forecast(mixed)
    assert found.reliability["observed"].mean() < found.reliability["predicted"].mean()
    assert found.skill.value < forecast(table).skill.value


def test_more_levels_ahead_have_a_row_each_and_what_cannot_be_none() -> None:
    table = drawn()
    rows = forecasts(table, 3)
    assert rows["ahead"].tolist() == [1, 2, 3]
    assert rows["auc"].tolist() == [forecast(table, ahead).auc.value for ahead in (1, 2, 3)]
    assert forecasts(table[table["level"] < 3], 4)["ahead"].tolist() == [1, 2]
    with pytest.raises(Missing, match="one half"):
        forecast(table[table["dataset.seed"] == 100])
    with pytest.raises(KeyError, match=r"dataset\.seed"):
        forecast(table.drop(columns="dataset.seed"))
