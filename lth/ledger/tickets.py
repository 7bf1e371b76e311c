"""Claims about the tickets themselves: whether they win, are sparse, need their values, and how training goes."""

import pandas as pd

from lth.collect import Missing, Shelf
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import LARGE, RUN, dense, finished, first_separations, mean, rate, share, shown
from lth.statistics import spearman


def _still_winning(shelf: Shelf) -> Finding:
    found = first_separations(shelf.table("lottery")).set_index(RUN)
    wins = rate(found["winning"].astype(bool))
    slower = mean(found["epochs"] / dense(shelf.table("lottery"))["epochs"].reindex(found.index))
    text = f"{share(wins)} win at their first separation; they train {shown(slower, 1)} times as long as dense"
    return Finding(f"{len(found)} runs", text, verdict(wins.high < 0.5, wins.low > 0.5))


def _weak(shelf: Shelf) -> Finding:
    found = first_separations(shelf.table("lottery")).set_index(RUN)
    before = dense(shelf.table("lottery"))["test_accuracy"].reindex(found.index)
    accuracy, change = mean(found["test_accuracy"]), mean(found["test_accuracy"] - before)
    text = f"test accuracy {shown(accuracy, 3)} at the first separation, {shown(change, 3, signed=True)} against dense"
    return Finding(f"{len(found)} runs", text, verdict(accuracy.high < 0.9, accuracy.low > 0.9))


def _without_noise(shelf: Shelf) -> Finding:
    found = first_separations(shelf.table("noise-free"))
    wins = {noise: rate(part["winning"].astype(bool)) for noise, part in found.groupby("dataset.noise")}
    text = "winning at separation: " + "; ".join(f"noise {noise:g}: {share(one)}" for noise, one in wins.items())
    clean = wins.get(0.0)
    if clean is None:
        raise Missing("no run without noise separated")
    return Finding(f"{len(found)} runs", text, verdict(clean.low > 0.5, clean.high < 0.5))


def _tickets_exist(shelf: Shelf) -> Finding:
    """At one level chosen beforehand: the one whose density, .68⁴ = .214, is next to Frankle and Carbin's .211."""
    tickets = finished(shelf.table("tasks")).query("level == 4 and `dataset.n` == 2")
    wins = rate(tickets["winning"].astype(bool))
    others = finished(shelf.table("lottery")).query("level == 4")["winning"].astype(bool)
    text = (
        f"{share(wins)} of the tickets on two moons win at level 4, with a fifth of the weights; on moons and circles "
        f"{int(others.sum())} of {len(others)}"
    )
    return Finding(f"{wins.n} runs", text, verdict(wins.low > 0.5, wins.high < 0.5))


def _sparse(shelf: Shelf) -> Finding:
    """On the rungs that are pruned far enough: from LARGE on, to a thirtieth of the weights or fewer."""
    levels = finished(shelf.table("extension"))
    levels = levels[levels.groupby(RUN)["level"].transform("max") >= LARGE]
    won = levels[levels["winning"].fillna(False).astype(bool)]
    if won.empty:
        raise Missing("no run holds a winning ticket")
    found, accurate = mean(won.groupby(RUN)["density"].min()), mean(_last_accurate(levels))
    n = len(levels.drop_duplicates(RUN))
    text = (
        f"on the rungs from {LARGE} on the sparsest winning ticket keeps {share(found)} of the weights, the sparsest "
        f"that is as accurate as dense, however long it trains, {share(accurate)}"
    )
    return Finding(f"{found.n} of {n} runs", text, verdict(found.high < 0.2, found.low > 0.2))


def _last_accurate(levels: pd.DataFrame) -> pd.Series:
    """The smallest density of each run at which it is as accurate as when dense."""
    before = dense(levels)["test_accuracy"].rename("before")
    good = levels.join(before, on=RUN).query("level > 0 and test_accuracy >= before")
    return good.groupby(RUN)["density"].min()


def _unnecessary(shelf: Shelf) -> Finding:
    found = first_separations(shelf.table("extension"))
    idle = mean(1 - found["active_weights"] / found["weights"])
    text = f"{share(idle)} of the weights kept at the first separation are inactive or zombies"
    return Finding(f"{len(found)} runs", text, verdict(idle.high < 0.05, idle.low > 0.05))


def _independent(shelf: Shelf) -> Finding:
    pruned = finished(shelf.table("lottery")).query("level > 0")
    won = pruned[pruned["winning"].fillna(False).astype(bool)].sort_values("level")
    last = rate(won.groupby(RUN)["status"].last() == "separated")
    before = dense(shelf.table("lottery"))["test_accuracy"].rename("before")
    good = pruned.join(before, on=RUN).query("test_accuracy >= before").sort_values("level")
    accurate = rate(good.groupby(RUN)["status"].last() == "separated")
    text = (
        f"of the sparsest winning tickets {share(last)} are separated, of the sparsest as accurate as dense "
        f"{share(accurate)}"
    )
    return Finding(f"{last.n} and {accurate.n} runs", text, verdict(last.low > 0.5, last.high < 0.5))


def _valley(shelf: Shelf) -> Finding:
    table = finished(shelf.table("extension")).sort_values("level")
    table = table[table.groupby(RUN)["level"].transform("max") >= 4]
    curves = table.groupby(RUN)["val_loss"].agg(["first", "min", "last"])
    falls, rises = rate(curves["min"] < 0.9 * curves["first"]), rate(curves["last"] > 1.1 * curves["min"])
    text = (
        f"the validation loss falls by a tenth from dense in {share(falls)}, and rises by one later in {share(rises)}"
    )
    return Finding(
        f"{len(curves)} runs", text, verdict(falls.low > 0.5 and rises.low > 0.5, min(falls.high, rises.high) < 0.5)
    )


def _cost(shelf: Shelf) -> Finding:
    table = finished(shelf.table("extension"))
    totals = (
        table.assign(work=table["epochs"].astype(float)).groupby(RUN).agg(work=("work", "sum"), levels=("level", "max"))
    )
    trend = spearman(totals["levels"], totals["work"])
    text = f"epochs of a whole run against its number of levels: rank correlation {shown(trend, 2)}"
    return Finding(f"{len(totals)} runs", text, verdict(trend.low > 0.8, trend.high < 0))


CLAIMS = (
    Claim("notes", "training a lottery ticket works on two moons", "tasks", _tickets_exist),
    Claim("notes", "the validation loss looks like \\__/", "extension", _valley),
    Claim("notes", "by the time the network splits it is no lottery ticket any more", "lottery", _still_winning),
    Claim("notes", "it is merely a weak classifier", "lottery", _weak),
    Claim("notes", "without noise it may be one", "noise-free", _without_noise),
    Claim("notes", "network size and levels are what changes the training time", "extension", _cost),
    Claim("slides", "lottery tickets are highly sparse", "extension", _sparse),
    Claim("slides", "unnecessary parameters are removed", "extension", _unnecessary),
    Claim("slides", "lottery tickets contain independent subnetworks for independent tasks", "lottery", _independent),
)  # fmt: skip
