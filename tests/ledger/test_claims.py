"""Claims examined on tables made so that the answer is known, once one way and once the other."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from claimed import Shelved, ladder, run

from lth.ledger.claim import Finding, Shelf
from lth.ledger.page import CLAIMS
from lth.ledger.rungs import PUBLISHED


def examine(words: str, shelf: Shelf) -> Finding:
    """The finding of the one claim with these words in it."""
    (claim,) = (claim for claim in CLAIMS if words in claim.words)
    return claim.examine(shelf)


def as_published(rung: int, seed: int) -> bool:
    return seed < 2 * PUBLISHED[rung]


@pytest.mark.parametrize(
    ("words", "separated", "verdict"),
    [
        ("first network to split", as_published, "holds"),
        ("first network to split", lambda rung, seed: rung >= 3, "does not"),
        ("majority splits", lambda rung, seed: rung >= 9, "holds"),
        ("majority splits", lambda rung, seed: rung >= 20, "does not"),
        ("majority splits", lambda rung, seed: False, "does not"),
        ("how many networks split, per size", as_published, "holds"),
        ("how many networks split, per size", lambda rung, seed: rung < 7, "does not"),
        ("over model sizes", as_published, "holds"),
        ("over model sizes", lambda rung, seed: False, "does not"),
        ("reliably splits into two", as_published, "holds"),
        ("reliably splits into two", lambda rung, seed: seed == 0, "does not"),
    ],
)
def test_of_the_ladder(shelved: Shelved, words: str, separated: Callable[[int, int], bool], verdict: str) -> None:
    assert examine(words, shelved(extension=ladder(separated))).verdict == verdict


def lottery(epochs: int, accuracy: float) -> pd.DataFrame:
    """Eight runs that separate at level 2 with so many epochs and such accuracy, dense 100 and .95."""
    won = bool(epochs <= 100 and accuracy >= 0.95)
    columns: dict[str, Any] = {
        "epochs": [100, 90, epochs],
        "test_accuracy": [0.95, 0.96, accuracy],
        "test_accuracy_moons": [0.95, 0.96, accuracy],
        "test_accuracy_circles": [0.95, 0.96, accuracy],
        "winning": pd.array([None, True, won], dtype="boolean"),
    }
    parts = [run("57", seed, ["interconnected", "interconnected", "separated"], **columns) for seed in range(8)]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(
    ("words", "epochs", "accuracy", "verdict"),
    [
        ("no lottery ticket any more", 200, 0.96, "holds"),
        ("no lottery ticket any more", 80, 0.96, "does not"),
        ("merely a weak classifier", 80, 0.96, "does not"),
        ("merely a weak classifier", 80, 0.6, "holds"),
        ("each subnetwork wins on its own task", 80, 0.96, "holds"),
        ("each subnetwork wins on its own task", 80, 0.6, "does not"),
        ("contain independent subnetworks", 80, 0.96, "holds"),
        ("contain independent subnetworks", 200, 0.6, "does not"),
    ],
)
def test_of_the_lottery(shelved: Shelved, words: str, epochs: int, accuracy: float, verdict: str) -> None:
    assert examine(words, shelved(lottery=lottery(epochs, accuracy))).verdict == verdict


@pytest.mark.parametrize(("better", "verdict"), [(0.1, "holds"), (0.0, "does not")])
@pytest.mark.parametrize(("words", "control"), [("initial values", "reinit"), ("is its mask", "shuffled")])
def test_of_the_controls(shelved: Shelved, words: str, control: str, better: float, verdict: str) -> None:
    rows = [
        {"run": "57", "seed": seed, "level": 2, "control": name, "separated": True, "epochs": 100 + seed,
         "test_accuracy": 0.8 + seed / 1000 + (better if name == "ticket" else -better / 100)}
        for seed in range(10)
        for name in ("ticket", control)
    ]  # fmt: skip
    if not better and control == "shuffled":  # of equals nothing can be said
        verdict = "open"
    assert examine(words, shelved(lottery__controls=pd.DataFrame(rows))).verdict == verdict


def noisy(edges: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Eight runs whose last ticket, as accurate as dense, keeps so many active weights at its noise input."""
    levels = [run("2", seed, ["interconnected"] * 2, test_accuracy=[0.9, 0.9]) for seed in range(8)]
    rows = [
        {"run": "2", "seed": seed, "level": level, "input": index, "task": task, "edges": 9,
         "active_edges": edges if task == "noise" else 5, "null_active_edges": 3.0 + seed / 10}
        for seed in range(8)
        for level in (0, 1)
        for index, task in enumerate(["moons", "circles", "noise"])
    ]  # fmt: skip
    return pd.concat(levels, ignore_index=True), pd.DataFrame(rows)


@pytest.mark.parametrize(("edges", "verdict"), [(0, "holds"), (6, "does not")])
@pytest.mark.parametrize("words", ["no connections to random inputs", "fewer than by lot"])
def test_of_noise(shelved: Shelved, words: str, edges: int, verdict: str) -> None:
    levels, inputs = noisy(edges)
    shelf = shelved(noise_inputs=levels, noise_inputs__inputs=inputs)
    found = [claim.examine(shelf).verdict for claim in CLAIMS if words in claim.words]
    assert set(found) == {verdict}


@pytest.mark.parametrize(
    ("cuts", "verdict"), [([100, 80, 60, 40, 20, 0], "does not"), ([100, 101, 100, 101, 102, 0], "holds")]
)
def test_of_the_distance(shelved: Shelved, cuts: list[int], verdict: str) -> None:
    statuses = ["interconnected"] * 5 + ["separated"]
    parts = [run("29", seed, statuses, cut=[cut and cut + seed / 10 for cut in cuts]) for seed in range(8)]
    assert examine("either it is disconnected or not", shelved(how=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("order", "verdict"), [((1, 2, 3), "does not"), ((3, 2, 1), "holds")])
def test_of_the_order(shelved: Shelved, order: tuple[int, ...], verdict: str) -> None:
    decided = {
        f"decided_out_{layer}": [float(level >= first) for level in range(5)]
        for layer, first in zip((1, 2, 3), order, strict=True)
    }
    parts = [run("29", seed, ["interconnected"] * 5, **decided) for seed in range(8)]
    assert examine("outputs backwards", shelved(how=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("apart", "verdict"), [(0.001, "holds"), (0.9, "does not")])
def test_of_chance(shelved: Shelved, apart: float, verdict: str) -> None:
    levels = ladder(lambda rung, seed: rung > 20)
    draws = levels[["run", "seed", "level"]].assign(random_separated=apart, rewired_separated=apart)
    shelf = shelved(extension=levels, extension__null=draws)
    assert examine("more than sparsity and degrees", shelf).verdict == verdict


@pytest.mark.parametrize(("longer", "verdict"), [(True, "holds"), (False, "does not")])
def test_of_zombies(shelved: Shelved, longer: bool, verdict: str) -> None:
    rows = [
        {"run": "57", "seed": seed % 8, "model.bias_init": "normal", "layer": 1, "neuron": seed, "spell": 0,
         "state": "zombie", "born": 0,
         "died": (2 if (seed % 2 == 0) == longer else 6) + seed % 3, "last_level": 9,
         "bias": -0.4 + 0.01 * seed % 0.3 if seed % 2 == 0 else 0.4 + 0.01 * seed % 0.3, "next_state": "inactive"}
        for seed in range(80)
    ]  # fmt: skip
    assert examine("zombies survive longer", shelved(zombies__neurons=pd.DataFrame(rows))).verdict == verdict


@pytest.mark.parametrize(("held", "verdict"), [(2, "does not"), (1, "holds")])
def test_of_regression(shelved: Shelved, held: int, verdict: str) -> None:
    """R² falls after the separation at level 2, or before it."""
    good = [0.99 if level <= held else 0.3 for level in range(4)]
    statuses = ["interconnected", "interconnected", "separated", "separated"]
    parts = [run("57", seed, statuses, test_accuracy=good, density=[1, 0.5, 0.2, 0.1]) for seed in range(8)]
    assert examine("regression was not successful", shelved(regression=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("idle", "verdict"), [((90, 10), "holds"), ((10, 90), "does not")])
def test_of_decay(shelved: Shelved, idle: tuple[int, int], verdict: str) -> None:
    parts = [
        run(str(decay), seed, ["interconnected"], inactive_weights=count + seed % 2, weights=112).assign(
            **{"optimizer.weight_decay": decay}
        )
        for decay, count in zip((0.0, 1.0), idle, strict=True)
        for seed in range(8)
    ]
    assert examine("weight decay would prune", shelved(zombies=pd.concat(parts))).verdict == verdict
