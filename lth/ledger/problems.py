"""Claims about other problems: more tasks, unequal tasks, regression, images."""

from collections.abc import Callable

import pandas as pd

from lth.collect import Shelf
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import RUN, SIZE, dense, finished, first_separations, mean, rate, runs, share, shown


def _many_tasks(shelf: Shelf) -> Finding:
    found = runs(shelf.table("tasks"))
    rates = {int(n): rate(found[found["dataset.n"] == n]["separated"]) for n in sorted(found["dataset.n"].unique())}
    text = "all tasks apart: " + "; ".join(f"{n} moons {share(one)}" for n, one in rates.items())
    most = max(rates)
    return Finding(f"{len(found)} runs", text, verdict(rates[most].low > 0.5, rates[most].high < 0.5))


def _unequal(shelf: Shelf) -> Finding:
    found = runs(shelf.table("tasks-unequal"))
    separated = rate(found["separated"])
    return Finding(f"{len(found)} runs", f"moons, circles and digits: {share(separated)} of the runs have all apart",
                   verdict(separated.low > 0.5, separated.high < 0.5))  # fmt: skip


def _keeps_what_dense_knows(levels: pd.DataFrame) -> pd.DataFrame:
    """Per run: `held`, the smallest density whose test accuracy (R² for regression) is within .05 of dense, ever since
    level 0; `parted`, the density at the first separation."""
    before = dense(levels)["test_accuracy"].rename("before")
    joined = levels.join(before, on=RUN).sort_values("level")
    joined["good"] = (joined["test_accuracy"] >= joined["before"] - 0.05).groupby([joined[key] for key in RUN]).cummin()
    held = joined[joined["good"]].groupby(RUN)["density"].min().rename("held")
    parted = joined[joined["status"] == "separated"].groupby(RUN)["density"].max().rename("parted")
    return pd.concat([held, parted], axis=1)


def _regression(shelf: Shelf) -> Finding:
    levels = finished(shelf.table("regression"))
    both = _keeps_what_dense_knows(levels)
    separated = rate(both["parted"].notna())
    good = rate((both["parted"] >= both["held"]).fillna(False).astype(bool))
    text = (
        f"{share(good)} of the runs separate with an R² within .05 of dense, {share(separated)} with any; dense R² "
        f"{shown(mean(dense(levels)['test_accuracy']), 3)}"
    )
    return Finding(f"{len(both)} runs", text, verdict(good.high < 0.5, good.low > 0.5))


def _regression_parts(shelf: Shelf) -> Finding:
    found = runs(shelf.table("regression"))
    separated = rate(found["separated"])
    text = f"{share(separated)} of the regression runs separate at some level"
    return Finding(f"{len(found)} runs", text, verdict(separated.high < 0.5, separated.low > 0.5))


def _delicate(shelf: Shelf) -> Finding:
    """Does regression need more weights than classification, at every size, to stay as good as dense?"""
    tables = {name: finished(shelf.table(name)) for name in ("regression", "noise-free")}
    tables["noise-free"] = tables["noise-free"].query("`dataset.noise` == 0.1")
    held = {name: _keeps_what_dense_knows(table)["held"] for name, table in tables.items()}
    sizes = {name: table.groupby(RUN)[SIZE].first() for name, table in tables.items()}
    both = sorted(set(sizes["regression"]) & set(sizes["noise-free"]))
    sides = [[mean(held[name][sizes[name] == size]) for name in tables] for size in both]
    text = "R² within .05 of dense, and the accuracy of a classifier within .05, down to: " + "; ".join(
        f"h = {size}: {share(one, 1)} and {share(other, 1)} of the weights"
        for size, (one, other) in zip(both, sides, strict=True)
    )
    needs_more = all(one.low > other.high for one, other in sides)
    n = f"{len(held['regression'])} and {len(held['noise-free'])} runs"
    return Finding(n, text, verdict(needs_more, all(one.high <= other.low for one, other in sides)))


def _real_data(shelf: Shelf) -> Finding:
    found = runs(shelf.table("digits-pair"))
    separated = rate(found["separated"])
    text = f"{share(separated)} separate"
    if separated.value:
        first = first_separations(shelf.table("digits-pair"))
        text += f", with test accuracy {shown(mean(first['test_accuracy']), 3)}"
    else:
        last = mean(found["test_accuracy"])
        text += f"; {share(rate(found['status'] == 'degraded'))} are degraded at {found['keep'].max()} weights, test "
        text += f"accuracy {shown(last, 3)}"
    return Finding(f"{len(found)} runs", text, verdict(separated.low > 0.5, separated.high < 0.5))


def _images(experiment: str) -> Callable[[Shelf], Finding]:
    def test(shelf: Shelf) -> Finding:
        found = runs(shelf.table(experiment))
        separated = rate(found["separated"])
        text = f"{share(separated)} separate"
        return Finding(f"{len(found)} runs", text, verdict(separated.low > 0.5, separated.high < 0.5))

    return test


CLAIMS = (
    Claim("notes", "this can be done with arbitrarily many tasks", "tasks", _many_tasks),
    Claim("notes", "this can be done with classification only", "regression", _regression_parts),
    Claim("notes", "pruning regression was not successful", "regression", _regression),
    Claim("notes", "probably due to the numerical delicacy of regression", "regression", _delicate),
    Claim("thesis", "tasks of unequal size separate too", "tasks-unequal", _unequal),
    Claim("thesis", "two image tasks separate (in place of MNIST: digits, and digits turned)", "digits-pair",
          _real_data),
    Claim("thesis", "MNIST and Fashion-MNIST side by side separate", "mnist-fashion", _images("mnist-fashion")),
)  # fmt: skip
