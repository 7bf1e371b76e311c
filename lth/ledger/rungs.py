"""Claims about the extension ladder: what networks of every rung do."""

from lth.collect import Missing, Shelf
from lth.collect.published import OUTCOMES_PER_RUNG, SEEDS
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import LARGE, RUN, finished, first_separations, mean, rate, runs, share, shown
from lth.method.extension import Ladder
from lth.statistics import spearman, stratified, wilson

PUBLISHED = tuple(kept + lost for kept, lost, *_ in OUTCOMES_PER_RUNG)  # separated at some level, of SEEDS
SIZES = (8, 10, 13, 16, 20, 25, 31, 38, 47, 57, 70, 85, 104, 127, 154, 188, 229, 278, 337, 410, 498, 604, 733, 890,
         1080, 1310)  # fmt: skip


def _weights_at_separation(shelf: Shelf) -> Finding:
    """Similar: from the smallest to the largest networks that separate, active weights less than double."""
    found = first_separations(shelf.table("extension"))
    rung = runs(shelf.table("extension")).set_index(RUN)["levels"]
    at = found.join(rung.rename("rung"), on=RUN)
    small, large = at[at["rung"].between(LARGE, LARGE + 2)], at[at["rung"] >= at["rung"].max() - 2]
    if small.empty or large.empty:
        raise Missing("too few rungs separate")
    active, available = ((mean(part["active_weights"]), part["keep"].mean()) for part in (small, large))
    growth = large["active_weights"].mean() / small["active_weights"].mean()
    trend = spearman(at["rung"], at["active_weights"])
    text = (
        f"{shown(active[0], 0)} active on rungs {LARGE} to {LARGE + 2}, {shown(available[0], 0)} on the last three: "
        f"× {growth:.2f}, while the available grow × {available[1] / active[1]:.1f}; rank correlation with the rung "
        f"{shown(trend, 2)}"
    )
    return Finding(f"{len(at)} runs", text, verdict(growth < 2, growth >= 2))


def _ladder(_: Shelf) -> Finding:
    ladder = Ladder(base=8, rate=0.32, depth=2, d_in=4, d_out=2)
    ours = tuple(ladder.hidden(rung) for rung in range(26))
    return Finding("26 sizes", f"{ours[0]} to {ours[-1]}, {len(ours) - 1} extensions", verdict(ours == SIZES, True))


def _published_counts(shelf: Shelf) -> Finding:
    """Theirs and ours, stratified by rung: is there a difference to be seen?"""
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].agg(["sum", "size"]).astype(int)
    counts = per_rung.itertuples(name=None)
    tables = [((PUBLISHED[rung], SEEDS - PUBLISHED[rung]), (ours, n - ours)) for rung, ours, n in counts]
    theirs = sum(PUBLISHED[rung] for rung in per_rung.index)
    odds, p = stratified(tables)
    text = (
        f"theirs {theirs} of {SEEDS * len(per_rung)}, ours {per_rung['sum'].sum()} of {per_rung['size'].sum()} on the "
        f"same rungs; odds ratio {shown(odds, 2)}, p = {p:.2g} (Cochran, Mantel and Haenszel): "
        f"{'no difference to be seen' if p >= 0.05 else 'they differ'}"
    )
    return Finding(f"{int(per_rung['size'].sum())} runs", text, verdict(p >= 0.05, p < 0.05))


def _first_rung(shelf: Shelf) -> Finding:
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].agg(["sum", "size"])
    separating = per_rung.index[per_rung["sum"] > 0]
    if separating.empty:
        raise Missing("no run of extension separated")
    first = int(separating.min())
    below = int(per_rung[per_rung.index < first]["size"].sum())
    found = wilson(0, below)
    text = (
        f"first on rung {first} ({per_rung.at[first, 'sum']} of {per_rung.at[first, 'size']}); below it 0 of {below} "
        f"(at most {100 * found.high:.1f} %)"
    )
    return Finding(f"{int(per_rung['size'].sum())} runs", text, verdict(abs(first - 7) <= 1, abs(first - 7) > 1))


def _majority(shelf: Shelf) -> Finding:
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].mean()
    steady = [int(rung) for rung in per_rung.index if (per_rung[per_rung.index >= rung] > 0.5).all()]
    n = len(runs(shelf.table("extension")))
    if not steady:
        return Finding(f"{n} runs", "there is no rung from which on the majority always separates", "contradicted")
    return Finding(f"{n} runs", f"from rung {steady[0]} on, on every rung", verdict(abs(steady[0] - LARGE) <= 2, True))


def _first_degraded(shelf: Shelf) -> Finding:
    levels = finished(shelf.table("extension"))
    rungs = levels.groupby(RUN)["level"].transform("max")[levels["status"] == "degraded"]
    n = len(runs(shelf.table("extension")))
    if rungs.empty:
        return Finding(f"{n} runs", "no run degraded", "contradicted")
    first = int(rungs.min())
    return Finding(f"{n} runs", f"first on rung {first}", verdict(abs(first - 10) <= 1, abs(first - 10) > 1))


def _degradation(shelf: Shelf) -> Finding:
    last = runs(shelf.table("extension"))
    small, large = (
        rate(part["status"] == "degraded") for part in (last[last["levels"] < 17], last[last["levels"] >= 17])
    )
    text = f"degraded at the end: {share(small)} below rung 17, {share(large)} from 17 on"
    return Finding(f"{len(last)} runs", text, verdict(large.low > small.high, large.high < small.low))


def _active_at_the_end(shelf: Shelf) -> Finding:
    last = runs(shelf.table("extension"))
    last = last.assign(active=last["active_weights"] / last["weights"])
    large, medium = (mean(part["active"]) for part in (last[last["levels"] >= 20], last[last["levels"] == LARGE]))
    text = f"from rung 20 on {share(large)} of 112 are active, on rung {LARGE} {share(medium)}"
    n = int((last["levels"] >= 20).sum())
    return Finding(f"{n} runs", text, verdict(0.1 < large.value < 0.3, True))


CLAIMS = (
    Claim("slides", "at a similar number of active weights", "extension", _weights_at_separation),
    Claim("slides", "extending with rate 0.32 gives 8 to 1310 hidden neurons in 25 levels", "extension", _ladder),
    Claim("slides", "how many networks split, per size (published counts of 4 seeds)", "extension", _published_counts),
    Claim("thesis", "the first network to split is on rung 7", "extension", _first_rung),
    Claim("thesis", "the majority splits from rung 9 on", "extension", _majority),
    Claim("thesis", "the first degraded network is on rung 10", "extension", _first_degraded),
    Claim("thesis", "degraded networks are common from rung 17 on", "extension", _degradation),
    Claim("thesis", "from rung 20 on a fifth of the 112 weights is active at the end", "extension",
          _active_at_the_end),
)  # fmt: skip
