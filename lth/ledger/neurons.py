"""Claims about zombies, inactive neurons and where weights end up."""

import pandas as pd

from lth.collect import Missing, Shelf
from lth.ledger.claim import Claim, Finding, verdict
from lth.ledger.runs import RUN, finished, mean, rate, runs, share, shown
from lth.statistics import cox, logrank

DECAY = "optimizer.weight_decay"
LARGE_BIAS = 0.1


def _zombies(shelf: Shelf) -> pd.DataFrame:
    """Spells of zombie neurons: `lived` levels, whether the end was `seen`, the bias at birth.

    Of one kind of run: biases drawn at the start and never pruned, no weight decay. A bias that starts at 0 stays there
    in a zombie, for its ReLU is at 0, where its slope is 0. Who is born at the last level has no life to be seen.
    """
    kind = (
        "state == 'zombie' and `model.bias_init` != 'zeros' and not `pruning.biases` and `optimizer.weight_decay` == 0"
    )
    spells = shelf.table("zombies", "neurons").query(kind)
    lived = spells["died"].fillna(spells["last_level"]) - spells["born"]
    spells = spells.assign(lived=lived.astype(float), seen=spells["died"].notna())[lived > 0]
    if spells.empty:
        raise Missing("no neuron became a zombie")
    return spells


def _live_longer(shelf: Shelf) -> Finding:
    spells = _zombies(shelf)
    large = spells["bias"] > LARGE_BIAS
    p = logrank(spells["lived"], spells["seen"], large)
    seeds = spells["run"] + "/" + spells["seed"].astype(str)
    fitted = cox(spells["lived"], spells["seen"], spells[["bias"]], clusters=seeds)
    if fitted is None:
        raise Missing("the biases of zombies do not tell their lives apart")
    hazard = fitted["bias"]
    text = (
        f"{int(large.sum())} spells born with a bias above {LARGE_BIAS}: they last "
        f"{shown(mean(spells[large]['lived']), 2)} levels or more, the others "
        f"{shown(mean(spells[~large]['lived']), 2)} (log-rank p = {p:.2g}); the hazard per unit of bias is × "
        f"{shown(hazard, 2)}"
    )
    return Finding(f"{len(spells)} spells", text, verdict(hazard.high < 1, hazard.low > 1))


def _idle_share(levels: pd.DataFrame) -> pd.Series:
    last = runs(levels)
    return last["inactive_weights"] / last["weights"]


def _compounding(shelf: Shelf) -> Finding:
    last = runs(shelf.table("extension")).query("levels >= 20")
    idle = mean(_idle_share(shelf.table("extension").merge(last[RUN], on=RUN)))
    text = f"from rung 20 on {share(idle)} of the weights kept at the end are inactive"
    return Finding(f"{len(last)} runs", text, verdict(idle.low > 0.5, idle.high < 0.5))


def _decay(shelf: Shelf) -> Finding:
    last = runs(shelf.table("zombies"))
    last = last.assign(idle=last["inactive_weights"] / last["weights"])
    by = {decay: mean(last[last[DECAY] == decay]["idle"]) for decay in sorted(last[DECAY].unique())}
    text = "inactive at the last level: " + "; ".join(f"decay {decay:g}: {share(one)}" for decay, one in by.items())
    none, most = by[min(by)], by[max(by)]
    return Finding(f"{len(last)} runs", text, verdict(most.high < none.low, most.low > none.high))


def _two_clusters(shelf: Shelf) -> Finding:
    """Two clusters of separated networks by validation loss; in the thesis the first lies at .0015 to .006.

    That .02 and .08 part them was read off the same losses; whether separation has to do with it the joined ones tell.
    """
    loss, joined = (_last_losses(shelf, status) for status in ("separated", "interconnected"))
    good, bad, between = rate(loss < 0.02), rate(loss > 0.08), rate(loss.between(0.02, 0.08))
    alike = "; ".join(
        f"{100 * part.mean():.0f} %" for part in (joined < 0.02, joined > 0.08, joined.between(0.02, 0.08))
    )
    first = loss[loss < 0.02]
    text = (
        f"each run at its last separated level with 30 to 150 active weights: {share(good)} have a loss of "
        f"{first.min():.4f} to {first.max():.4f} (median {first.median():.4f}), {share(bad)} one above .08, "
        f"{share(between)} one between; {alike} of {len(joined)} interconnected ones too"
    )
    return Finding(f"{len(loss)} runs", text, verdict(between.high < min(good.low, bad.low), between.low > bad.high))


def _last_losses(shelf: Shelf, status: str) -> pd.Series:
    """The validation loss of each run at its last level of this status with 30 to 150 active weights."""
    levels = finished(shelf.table("extension"))
    those = levels[(levels["status"] == status) & levels["active_weights"].between(30, 150)]
    return those.sort_values("level").groupby(RUN).tail(1)["val_loss"]


def _early_stopping(shelf: Shelf) -> Finding:
    levels = finished(shelf.table("extension"))
    used = mean(levels.groupby(RUN)["epochs"].mean())
    capped = rate(levels["epochs"] >= 3000)
    text = f"a level takes {shown(used, 0)} epochs of the 3000 it may; {share(capped)} of the levels take them all"
    return Finding(f"{len(levels)} levels", text, verdict(used.high < 1500, used.low > 1500))


def _stay(shelf: Shelf) -> Finding:
    """Where surviving weights end up: of those that moved at all, how many keep the sign they started with?"""
    weights = shelf.table("weights", "weights")
    last = weights[weights["level"] == weights.groupby(RUN)["level"].transform("max")]
    moved = last[last["anchor"] != last["trained"]]
    found = mean((moved["anchor"] * moved["trained"] > 0).groupby([moved[key] for key in RUN]).mean())
    text = (
        f"of the weights of the last ticket {share(mean(_unmoved(last)))} never moved; of the others "
        f"{share(found, 1)} end with the sign that they started with"
    )
    return Finding(f"{found.n} runs", text, verdict(found.low > 0.5, found.high < 0.5))


def _unmoved(weights: pd.DataFrame) -> pd.Series:
    return (weights["anchor"] == weights["trained"]).groupby([weights[key] for key in RUN]).mean()


CLAIMS = (
    Claim("notes", "zombies survive longer when they have a large positive bias", "zombies", _live_longer),
    Claim("notes", "early stopping saves time", "extension", _early_stopping),
    Claim("notes", "where the weights end up can be tracked (they keep their signs)", "weights", _stay),
    Claim("thesis", "inactive weights compound: pruning does not find them", "extension", _compounding),
    Claim("thesis", "weight decay would prune them first", "zombies", _decay),
    Claim("thesis", "separated networks form two clusters of validation loss", "extension", _two_clusters),
)  # fmt: skip
