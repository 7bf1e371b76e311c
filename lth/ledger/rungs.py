"""Claims about the extension ladder: what networks of every rung do."""

from lth.extension import Ladder
from lth.ledger.claim import Claim, Finding, Shelf, Unmeasured, verdict
from lth.ledger.runs import LARGE, RUN, finished, first_separations, mean, rate, runs, share, shown
from lth.statistics import spearman, wilson

# The thesis' main experiment, 4 seeds a rung: how many separated at some level, degraded later or not.
PUBLISHED = (0, 0, 0, 0, 0, 0, 0, 1, 1, 4, 2, 3, 4, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4, 3, 2, 3)
SIZES = (8, 10, 13, 16, 20, 25, 31, 38, 47, 57, 70, 85, 104, 127, 154, 188, 229, 278, 337, 410, 498, 604, 733, 890,
         1080, 1310)  # fmt: skip


def _weights_at_separation(shelf: Shelf) -> Finding:
    """Similar: from the smallest to the largest networks that separate, active weights less than double."""
    found = first_separations(shelf.table("extension"))
    rung = runs(shelf.table("extension")).set_index(RUN)["levels"]
    at = found.join(rung.rename("rung"), on=RUN)
    small, large = at[at["rung"].between(LARGE, LARGE + 2)], at[at["rung"] >= at["rung"].max() - 2]
    if small.empty or large.empty:
        raise Unmeasured("too few rungs separate")
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
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].agg(["sum", "size"])
    inside = [
        wilson(separated, n).overlaps(wilson(PUBLISHED[rung], 4))
        for rung, separated, n in per_rung[["sum", "size"]].astype(int).itertuples(name=None)
    ]
    apart = [str(rung) for rung, same in zip(per_rung.index, inside, strict=True) if not same]
    text = f"intervals of theirs and ours overlap on {sum(inside)} of {len(inside)} rungs" + (
        f", not on {', '.join(apart)}" if apart else ""
    )
    return Finding(f"{int(per_rung['size'].sum())} runs", text, verdict(len(apart) <= 2, len(apart) > 2))


def _first_rung(shelf: Shelf) -> Finding:
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].agg(["sum", "size"])
    separating = per_rung.index[per_rung["sum"] > 0]
    if separating.empty:
        raise Unmeasured("no run of extension separated")
    first = int(separating.min())
    below = int(per_rung[per_rung.index < first]["size"].sum())
    found = wilson(0, below)
    text = (
        f"first on rung {first} ({per_rung.at[first, 'sum']} of {per_rung.at[first, 'size']}); below it 0 of {below} "
        f"(at most {100 * found.high:.1f} %)"
    )
    return Finding(f"{int(per_rung['size'].sum())} runs", text, verdict(first >= 6, first < 6))


def _majority(shelf: Shelf) -> Finding:
    per_rung = runs(shelf.table("extension")).groupby("levels")["separated"].mean()
    steady = [int(rung) for rung in per_rung.index if (per_rung[per_rung.index >= rung] > 0.5).all()]
    n = len(runs(shelf.table("extension")))
    if not steady:
        return Finding(f"{n} runs", "there is no rung from which on the majority always separates", "does not")
    return Finding(f"{n} runs", f"from rung {steady[0]} on, on every rung", verdict(abs(steady[0] - LARGE) <= 2, True))


def _degradation(shelf: Shelf) -> Finding:
    found = finished(shelf.table("extension"))
    rung = found.groupby(RUN)["level"].transform("max")
    degraded = found[found["status"] == "degraded"].assign(rung=rung)
    n = len(runs(shelf.table("extension")))
    if degraded.empty:
        return Finding(f"{n} runs", "no run degraded", "does not")
    first = int(degraded["rung"].min())
    last = runs(shelf.table("extension"))
    small, large = (
        rate(part["status"] == "degraded") for part in (last[last["levels"] < 17], last[last["levels"] >= 17])
    )
    text = f"first on rung {first}; at the end degraded below rung 17: {share(small)}, from 17 on: {share(large)}"
    return Finding(f"{n} runs", text, verdict(large.low > small.high, large.high < small.low))


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
    Claim("thesis", "degraded networks appear from rung 10 and 17 on", "extension", _degradation),
    Claim("thesis", "from rung 20 on a fifth of the 112 weights is active at the end", "extension",
          _active_at_the_end),
)  # fmt: skip
