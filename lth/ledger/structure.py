"""Claims about what a ticket's structure says of the problem: noise, distance to a split, order, chance."""

import pandas as pd

from lth.ledger.claim import Claim, Finding, Shelf, Unmeasured, verdict
from lth.ledger.runs import RUN, dense, finished, first_separations, mean, rate, runs, share, shown

NULLS = ("random", "rewired")
FEW = 30  # separated runs, below which draws by lot say little


def _random_inputs(shelf: Shelf) -> Finding:
    """Of the sparsest tickets as accurate as dense: do any keep active weights at inputs of noise?"""
    levels = finished(shelf.table("noise-inputs"))
    before = dense(levels)["test_accuracy"].rename("before")
    good = levels.join(before, on=RUN).query("level > 0 and test_accuracy >= before")
    last = good.groupby(RUN, as_index=False)["level"].max()
    inputs = shelf.table("noise-inputs", "inputs").merge(last, on=[*RUN, "level"])
    noise, signal = (inputs[(inputs["task"] == "noise") == is_noise] for is_noise in (True, False))
    edges = noise.groupby(RUN)["active_edges"].sum()
    free = rate(edges == 0)
    per = [mean(part.groupby(RUN)[column].mean()) for part, column in (
        (noise, "active_edges"), (signal, "active_edges"), (noise, "null_active_edges"))]  # fmt: skip
    text = (
        f"of the sparsest tickets as accurate as dense {share(free)} have no active weight at a noise input; a noise "
        f"input keeps {shown(per[0], 1)} active weights, a signal input {shown(per[1], 1)}, by lot {shown(per[2], 1)}"
    )
    return Finding(f"{free.n} runs", text, verdict(free.low > 0.5, free.high < 0.5))


def _fewer_than_by_lot(shelf: Shelf) -> Finding:
    """Where the network first separates, or at its last level: noise inputs against random masks of the same counts."""
    inputs = shelf.table("noise-inputs", "inputs")
    noise = inputs[(inputs["task"] == "noise") & (inputs["level"] > 0)]
    last = noise[noise["level"] == noise.groupby(RUN)["level"].transform("max")]
    sides = last.groupby(RUN)[["active_edges", "null_active_edges"]].mean().dropna()
    less = mean(sides["active_edges"] - sides["null_active_edges"])
    text = f"at the last level a noise input has {shown(less, 2, signed=True)} active weights against random masks"
    return Finding(f"{len(sides)} runs", text, verdict(less.high < 0, less.low > 0))


def _distance_known(shelf: Shelf) -> Finding:
    levels = finished(shelf.table("how"))
    known = levels[levels["status"] != "degraded"]
    found = rate(known["cut"].notna())
    text = (
        f"the fewest weights to a split are known exactly at {share(found)} of the levels (max-flow, in the same run)"
    )
    return Finding(f"{found.n} levels", text, verdict(found.high < 0.5, found.low > 0.5))


def _disconnected_or_not(shelf: Shelf) -> Finding:
    """Is the split sudden, or does the distance fall level by level before it?"""
    levels = finished(shelf.table("how"))
    first = levels[levels["status"] == "separated"].groupby(RUN)["level"].min().rename("first")
    before = levels.join(first, on=RUN, how="inner").query("level < first")
    before = before.assign(left=before["first"] - before["level"])
    cuts = {left: mean(before[before["left"] == left]["cut"]) for left in (5, 3, 1)}
    trends = before.groupby(RUN)[["level", "cut"]].apply(lambda run: run["level"].corr(run["cut"], method="spearman"))
    steps = ", ".join(f"{shown(cut, 0)} ({left} before)" for left, cut in cuts.items())
    text = (
        f"weights to a split, so many levels before it: {steps}; falls from level to level (rank correlation "
        f"{shown(mean(trends), 2)})"
    )
    gradual = mean(trends).high < -0.8 and cuts[1].high < cuts[3].low
    return Finding(f"{len(first)} runs", text, verdict(mean(trends).low > -0.5, gradual))


def _outputs_first(shelf: Shelf) -> Finding:
    levels = finished(shelf.table("how")).query("level > 0")
    at = {layer: levels[levels[f"decided_out_{layer}"] >= 0.5].groupby(RUN)["level"].min() for layer in (1, 2, 3)}
    both = pd.DataFrame(at).dropna()
    ordered = rate((both[3] <= both[2]) & (both[2] <= both[1]) & (both[3] < both[1]))
    means = ", ".join(f"layer {layer}: level {shown(mean(both[layer].astype(float)), 1)}" for layer in (3, 2, 1))
    text = f"half of the neurons lead to one task only from {means}; in this order in {share(ordered)}"
    return Finding(f"{len(both)} runs", text, verdict(ordered.low > 0.5, ordered.high < 0.5))


def _more_than_sparsity(shelf: Shelf) -> Finding:
    first = first_separations(shelf.table("extension"))[[*RUN, "level"]]
    draws = shelf.table("extension", "null").merge(first, on=[*RUN, "level"])
    if len(draws) < FEW:
        raise Unmeasured("too few separated tickets have null models")
    by_lot = {model: mean(draws[f"{model}_separated"]) for model in NULLS}
    text = (
        f"masks with the counts of the {len(draws)} first separated tickets separate by lot in "
        f"{share(by_lot['random'], 2)} of the draws, with their neurons' degrees too in {share(by_lot['rewired'], 2)}"
    )
    chance = max(one.high for one in by_lot.values())
    return Finding(f"{len(draws)} tickets", text, verdict(chance < 0.05, min(one.low for one in by_lot.values()) > 0.5))


def _pruned_by_lot(shelf: Shelf) -> Finding:
    found = runs(shelf.table("null-models"))
    by = {name: rate(part["separated"]) for name, part in found.groupby("pruning/criterion")}
    text = "; ".join(f"{name}: {share(one)} separated" for name, one in by.items())
    apart = by["magnitude"].low > by["random"].high
    return Finding(f"{len(found)} runs", text, verdict(apart, by["magnitude"].high < by["random"].low))


def _both_tasks(shelf: Shelf) -> Finding:
    """Are both subnetworks, each for its task, as accurate as the dense network was on it?"""
    found = first_separations(shelf.table("lottery")).set_index(RUN)
    before = dense(shelf.table("lottery")).reindex(found.index)
    names = [f"test_accuracy_{task}" for task in ("moons", "circles")]
    each = rate((found[names] >= before[names]).all(axis=1))
    quick = rate((found[names] >= before[names]).all(axis=1) & (found["epochs"] <= before["epochs"]))
    text = f"both as accurate as dense on their own task in {share(each)}, and as quick in {share(quick)}"
    return Finding(f"{len(found)} runs", text, verdict(quick.low > 0.5, quick.high < 0.5))


CLAIMS = (
    Claim("notes", "a good ticket has no connections to random inputs", "noise-inputs", _random_inputs),
    Claim("notes", "a good ticket has no connections to random inputs (fewer than by lot)", "noise-inputs",
          _fewer_than_by_lot),
    Claim("notes", "how close we are to two models is really expensive to measure", "how", _distance_known),
    Claim("notes", "so either it is disconnected or not", "how", _disconnected_or_not),
    Claim("slides", "their structure could provide insights: more than sparsity and degrees do", "extension",
          _more_than_sparsity),
    Claim("slides", "lottery tickets reveal the structure of the problem (pruned by lot they would not)", "null-models",
          _pruned_by_lot),
    Claim("slides", "independent lottery tickets: each subnetwork wins on its own task", "lottery", _both_tasks),
    Claim("thesis", "networks separate from the outputs backwards", "how", _outputs_first),
)  # fmt: skip
