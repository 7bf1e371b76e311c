"""Claims about whether and when networks separate: over sizes, numbers of levels, depths, rates."""

from collections.abc import Callable

from lth.collect import Shelf
from lth.figures.drawn import at_some_level
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import LARGE, RUN, SIZE, finished, mean, rate, runs, share
from lth.method.schedule import trajectory
from lth.statistics import Interval


def _reliably(shelf: Shelf) -> Finding:
    large = runs(shelf.table("extension")).query("levels >= @LARGE")
    found = rate(large["separated"])
    text = f"{share(found)} of the runs on rungs {LARGE} to {large['levels'].max()} separated"
    return Finding(f"{len(large)} runs", text, verdict(found.low > 0.5, found.high < 0.5))


def _over_sizes(shelf: Shelf) -> Finding:
    large = runs(shelf.table("extension")).query("levels >= @LARGE")
    rates = large.groupby("levels")["separated"].mean()
    text = (
        f"per rung {100 * rates.min():.0f} to {100 * rates.max():.0f} %, "
        f"above one half on {int((rates > 0.5).sum())} of the {len(rates)} rungs from {LARGE} on"
    )
    pooled = rate(rates > 0.5)
    return Finding(f"{len(large)} runs", text, verdict(pooled.low > 0.5, pooled.high < 0.5))


def _over_levels(shelf: Shelf) -> Finding:
    levels = runs(shelf.table("levels"))
    rates = levels.groupby("levels")["separated"].agg(["mean", "size"])
    above = rates.index[rates["mean"] > 0.5]
    many = levels[levels["levels"] >= 10]
    found = rate(many["separated"])
    first = (
        f"more than half separate first with {above.min()} levels" if len(above) else "never more than half separate"
    )
    return Finding(
        f"{len(levels)} runs", f"{first}; with 10 or more {share(found)}", verdict(found.low > 0.5, found.high < 0.5)
    )


def _small_never(shelf: Shelf) -> Finding:
    small = runs(shelf.table("levels-vs-size"))
    small = small[small[SIZE].isin([31, 38])]
    found = rate(small["separated"])
    return Finding(
        f"{len(small)} runs", f"{int(small['separated'].sum())} of {len(small)} separated: {share(found)}",
        verdict(found.high < 0.01, bool(small["separated"].any())),
    )  # fmt: skip


def _medium_often(shelf: Shelf) -> Finding:
    medium = runs(shelf.table("levels-vs-size"))
    medium = medium[medium[SIZE].isin([48, 57])]
    found = {size: rate(of["separated"]) for size, of in medium.groupby(SIZE)}
    text = "; ".join(f"h = {size}: {share(one)}" for size, one in found.items())
    some = all(one.low > 0.2 for one in found.values())
    return Finding(f"{len(medium)} runs", text, verdict(some, all(one.high < 0.2 for one in found.values())))


def _largest_rate(shelf: Shelf) -> Finding:
    table = finished(shelf.table("levels-vs-size"))
    removed = table[table["level"] == 1].set_index(RUN)["rate"]
    all_runs = runs(shelf.table("levels-vs-size")).join(removed.rename("p"), on=RUN)
    above = all_runs[all_runs["p"] > 0.65]
    largest = all_runs[all_runs["separated"]]["p"].max()
    some = int(above["separated"].sum())
    text = (
        f"largest rate at which a run separated: {largest:.2f}; above .65: {some} of {len(above)} "
        f"({share(rate(above['separated']))})"
    )
    return Finding(f"{len(all_runs)} runs", text, verdict(some == 0, some > 0))


def _also(experiment: str) -> Callable[[Shelf], Finding]:
    def test(shelf: Shelf) -> Finding:
        found = runs(shelf.table(experiment))
        separated = rate(found["separated"])
        per_size = found.groupby(SIZE)["separated"].mean()
        first = per_size.index[per_size > 0]
        where = f", first at h = {first.min()}" if len(first) else ""
        lot = by_lot(shelf, experiment)
        text = (
            f"{share(separated)} of all runs{where}, at most {100 * per_size.max():.0f} % at one size; masks by lot "
            f"{share(lot, 2)}"
        )
        return Finding(f"{len(found)} runs", text, verdict(separated.low > lot.high, separated.high < lot.low))

    return test


def by_lot(shelf: Shelf, experiment: str) -> Interval:
    """The chance that masks drawn by lot at every level are separated at one of them, averaged over the runs."""
    return mean(at_some_level(shelf.table(experiment, "null"), "random_separated")["rate"])


def _implied_rate(_: Shelf) -> Finding:
    keeps = trajectory(1000, target=200, levels=6)
    golden = (1000, 765, 585, 447, 342, 262, 200)
    text = f"1000 to 200 in 6 levels: {', '.join(map(str, keeps))} (the thesis prints 764, 584, 341, 261: it truncates)"
    return Finding("exact", text, "by definition" if keeps == golden else "contradicted")


CLAIMS = (
    Claim("notes", "pruned on two concatenated tasks the model ends as two separate models, quite consistently; "
          "the network reliably splits into two (slides)", "extension", _reliably),
    Claim("notes", "give a target and a number of levels, and the rate follows", "extension", _implied_rate),
    Claim("slides", "over model sizes", "extension", _over_sizes),
    Claim("slides", "and over pruning levels (h = 410, target 112)", "levels", _over_levels),
    Claim("slides", "the same sizes with 20 levels each split too", "fixed-levels", _also("fixed-levels")),
    Claim("thesis", "one hidden layer splits too", "extension-1", _also("extension-1")),
    Claim("thesis", "three hidden layers split too", "extension-3", _also("extension-3")),
    Claim("thesis", "h = 31 and 38 never split, whatever the number of levels", "levels-vs-size", _small_never),
    Claim("thesis", "h = 48 and 57 split often", "levels-vs-size", _medium_often),
    Claim("thesis", "no split above a rate of 0.65", "levels-vs-size", _largest_rate),
)  # fmt: skip
