"""Claims about what a ticket's structure says of the problem: noise, distance to a split, order, chance."""

import pandas as pd

from lth.collect import Missing, Shelf
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import RUN, SIZE, dense, finished, first_separations, mean, rate, runs, share, shown
from lth.statistics import spearman

Q = "dataset.noise_inputs"
NULLS = ("random", "rewired")
FEW = 30  # separated runs, below which draws by lot say little


def _random_inputs(shelf: Shelf) -> Finding:
    """Of the sparsest tickets as accurate as dense: do any keep active weights at inputs of noise?"""
    levels = finished(shelf.table("noise-inputs"))
    before = dense(levels)["test_accuracy"].rename("before")
    good = levels.join(before, on=RUN).query("level > 0 and test_accuracy >= before")
    last = good.groupby(RUN, as_index=False)["level"].max()
    inputs = shelf.table("noise-inputs", "inputs").merge(last, on=[*RUN, "level"])
    noise = inputs[inputs["task"] == "noise"]
    free = (noise.groupby([*RUN, Q])["active_edges"].sum() == 0).reset_index(Q)
    by = {q: rate(free[free[Q] == q]["active_edges"]) for q in sorted(free[Q].unique())}
    text = "sparsest tickets as accurate as dense without an active weight at a noise input: " + "; ".join(
        f"{share(one)} of {q} such inputs" for q, one in by.items()
    )
    every, none = all(one.low > 0.5 for one in by.values()), all(one.high < 0.5 for one in by.values())
    return Finding(f"{len(free)} runs", text, verdict(every, none))


def _fewer_than_by_lot(shelf: Shelf) -> Finding:
    """At the last level: active weights of noise inputs against random masks of the same counts, and signal inputs."""
    inputs = shelf.table("noise-inputs", "inputs").query("level > 0")
    last = inputs[inputs["level"] == inputs.groupby(RUN)["level"].transform("max")]
    noise, signal = (last[(last["task"] == "noise") == is_noise].groupby(RUN) for is_noise in (True, False))
    sides = noise[["active_edges", "null_active_edges"]].mean().dropna()
    less = mean(sides["active_edges"] - sides["null_active_edges"])
    text = (
        f"at the last level a noise input keeps {shown(mean(sides['active_edges']), 2)} active weights, a signal "
        f"input {shown(mean(signal['active_edges'].mean()), 1)}; a noise input {shown(less, 2, signed=True)} against "
        f"random masks"
    )
    return Finding(f"{len(sides)} runs", text, verdict(less.high < 0, less.low > 0))


def _distance_known(shelf: Shelf) -> Finding:
    """Expensive would be: more than training. How long does a level take, all trained and measured?"""
    table = shelf.table("how")
    levels = finished(table)
    known, took = rate(levels["cut"].notna()), table.attrs.get("provenance", {}).get("wall_seconds")
    if took is None:
        raise Missing("the wall time of how is not known")
    text = (
        f"known exactly (max-flow) at {share(known)} of the levels, null where a task is cut off; a level takes "
        f"{took / len(levels):.1f} s, training and all measures included"
    )
    return Finding(f"{len(levels)} levels", text, verdict(took / len(levels) > 60, took / len(levels) < 60))


def _disconnected_or_not(shelf: Shelf) -> Finding:
    """Does the distance tell who separates at the next level? Masks are nested, so that it falls says nothing."""
    levels = finished(shelf.table("extension")).sort_values([*RUN, "level"])
    after = levels.groupby(RUN)["status"].shift(-1)
    alike = [SIZE, "level"]
    asked = levels.assign(parts=after == "separated")[after.notna() & (levels["status"] == "interconnected")]
    share_of = asked.groupby(alike)["parts"].transform("mean")
    asked = asked[(share_of > 0) & (share_of < 1) & asked["cut"].notna()]
    foretold = spearman(asked.groupby(alike)["cut"].rank(pct=True), asked["parts"])
    text = (
        f"of runs of one size at one level, some of which separate at the next, those with the smaller cut do: rank "
        f"correlation {shown(foretold, 2)} with {shown(mean(asked['cut']), 1)} weights to cut on average"
    )
    return Finding(f"{len(asked)} levels", text, verdict(foretold.low > -0.1, foretold.high < 0))


def _outputs_first(shelf: Shelf) -> Finding:
    """The last hidden layer, seen from the outputs, against the first one, seen from the inputs: both one layer away.

    That layers nearer to the outputs come first when seen from there says nothing: with any masks they do.
    """
    levels = finished(shelf.table("how")).query("level > 0")
    at = {
        name: levels[levels[name] >= 0.5].groupby(RUN)["level"].min().astype(float)
        for name in ("decided_out_3", "decided_in_1")
    }
    both = pd.DataFrame(at).dropna()
    earlier = mean(both["decided_in_1"] - both["decided_out_3"])
    text = (
        f"half of the last hidden layer leads to one task only at level {shown(mean(both['decided_out_3']), 1)}, half "
        f"of the first is reached from one task only at level {shown(mean(both['decided_in_1']), 1)}: "
        f"{shown(earlier, 1)} levels later"
    )
    return Finding(f"{len(both)} runs", text, verdict(earlier.low > 0, earlier.high < 0))


def _more_than_sparsity(shelf: Shelf) -> Finding:
    first = first_separations(shelf.table("extension"))[[*RUN, "level"]]
    draws = shelf.table("extension", "null").merge(first, on=[*RUN, "level"])
    if len(draws) < FEW:
        raise Missing("too few separated tickets have null models")
    by_lot = {model: mean(draws[f"{model}_separated"]) for model in NULLS}
    text = (
        f"masks with the counts of the {len(draws)} first separated tickets separate by lot in "
        f"{share(by_lot['random'], 2)} of the draws, with their neurons' degrees too in {share(by_lot['rewired'], 2)}"
    )
    chance = max(one.high for one in by_lot.values())
    separated = rate(runs(shelf.table("extension"))["separated"])
    least = min(one.low for one in by_lot.values())
    return Finding(f"{len(draws)} tickets", text, verdict(chance < separated.low, least > separated.high))


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
    Claim("notes", "so either it is disconnected or not (there is nothing between)", "extension", _disconnected_or_not),
    Claim("slides", "their structure could provide insights: more than sparsity and degrees do", "extension",
          _more_than_sparsity),
    Claim("slides", "lottery tickets reveal the structure of the problem (pruned by lot they would not)", "null-models",
          _pruned_by_lot),
    Claim("slides", "independent lottery tickets: each subnetwork wins on its own task", "lottery", _both_tasks),
    Claim("thesis", "networks separate from the outputs backwards", "how", _outputs_first),
)  # fmt: skip
