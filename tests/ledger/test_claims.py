"""Claims examined on tables made so that the answer is known, once one way and once the other."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from claimed import Shelved, ladder, run

from lth.collect import Shelf
from lth.ledger.claim import Finding
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
        ("first network to split", as_published, "supported"),
        ("first network to split", lambda rung, seed: rung >= 3, "contradicted"),
        ("majority splits", lambda rung, seed: rung >= 9, "supported"),
        ("majority splits", lambda rung, seed: rung >= 20, "contradicted"),
        ("majority splits", lambda rung, seed: False, "contradicted"),
        ("how many networks split, per size", as_published, "supported"),
        ("how many networks split, per size", lambda rung, seed: rung < 7, "contradicted"),
        ("how many networks split, per size", lambda rung, seed: seed < PUBLISHED[rung], "contradicted"),
        ("over model sizes", as_published, "supported"),
        ("over model sizes", lambda rung, seed: False, "contradicted"),
        ("reliably splits into two", as_published, "supported"),
        ("reliably splits into two", lambda rung, seed: seed == 0, "contradicted"),
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
        ("no lottery ticket any more", 200, 0.96, "supported"),
        ("no lottery ticket any more", 80, 0.96, "contradicted"),
        ("merely a weak classifier", 80, 0.96, "contradicted"),
        ("merely a weak classifier", 80, 0.6, "supported"),
        ("each subnetwork wins on its own task", 80, 0.96, "supported"),
        ("each subnetwork wins on its own task", 80, 0.6, "contradicted"),
        ("contain independent subnetworks", 80, 0.96, "supported"),
        ("contain independent subnetworks", 200, 0.6, "contradicted"),
    ],
)
def test_of_the_lottery(shelved: Shelved, words: str, epochs: int, accuracy: float, verdict: str) -> None:
    assert examine(words, shelved(lottery=lottery(epochs, accuracy))).verdict == verdict


@pytest.mark.parametrize(("better", "verdict"), [(0.1, "supported"), (0.0, "contradicted")])
@pytest.mark.parametrize(("words", "control"), [("initial values", "reinit"), ("is its mask", "shuffled")])
def test_of_the_controls(shelved: Shelved, words: str, control: str, better: float, verdict: str) -> None:
    rows = [
        {"run": "57", "seed": seed, "level": 2, "control": name, "separated": True, "epochs": 100 + seed,
         "test_accuracy": 0.8 + seed / 1000 + (better if name == "ticket" else -better / 100)}
        for seed in range(10)
        for name in ("ticket", control)
    ]  # fmt: skip
    assert examine(words, shelved(lottery__controls=pd.DataFrame(rows))).verdict == verdict


def noisy(edges: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Eight runs whose last ticket, as accurate as dense, keeps so many active weights at its noise input."""
    levels = [run("2", seed, ["interconnected"] * 2, test_accuracy=[0.9, 0.9]) for seed in range(8)]
    rows = [
        {"run": "2", "seed": seed, "level": level, "input": index, "task": task, "edges": 9, "dataset.noise_inputs": 2,
         "active_edges": edges if task == "noise" else 5, "null_active_edges": 3.0 + seed / 10}
        for seed in range(8)
        for level in (0, 1)
        for index, task in enumerate(["moons", "circles", "noise"])
    ]  # fmt: skip
    return pd.concat(levels, ignore_index=True), pd.DataFrame(rows)


@pytest.mark.parametrize(("edges", "verdict"), [(0, "supported"), (6, "contradicted")])
@pytest.mark.parametrize("words", ["no connections to random inputs", "fewer than by lot"])
def test_of_noise(shelved: Shelved, words: str, edges: int, verdict: str) -> None:
    levels, inputs = noisy(edges)
    shelf = shelved(noise_inputs=levels, noise_inputs__inputs=inputs)
    found = [claim.examine(shelf).verdict for claim in CLAIMS if words in claim.words]
    assert set(found) == {verdict}


@pytest.mark.parametrize(("telling", "verdict"), [(True, "contradicted"), (False, "open")])
def test_of_the_distance(shelved: Shelved, telling: bool, verdict: str) -> None:
    """At level 1 half of the runs have the smaller cut; they separate at level 2, or others do."""
    parts = []
    for seed in range(40):
        parted = (seed % 2 == 0) if telling else (seed % 4 < 2)
        statuses = ["interconnected", "interconnected", "separated" if parted else "interconnected"]
        parts.append(run("57", seed, statuses, cut=[90.0, 5.0 + seed % 2, 0.0], **{"model.hidden": 57}))
    assert examine("there is nothing between", shelved(extension=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("first", "verdict"), [((3, 1), "contradicted"), ((1, 3), "supported")])
def test_of_the_order(shelved: Shelved, first: tuple[int, int], verdict: str) -> None:
    """The level from which on half is decided: of the last layer from the outputs, of the first from the inputs."""
    names = ("decided_out_3", "decided_in_1")
    decided = {name: [float(level >= since) for level in range(5)] for name, since in zip(names, first, strict=True)}
    parts = [run("29", seed, ["interconnected"] * 5, **decided) for seed in range(8)]
    assert examine("outputs backwards", shelved(how=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("seconds", "verdict"), [(30.0, "contradicted"), (3e5, "supported")])
def test_of_the_expense(shelved: Shelved, seconds: float, verdict: str) -> None:
    table = pd.concat([run("29", seed, ["interconnected"] * 5, cut=9.0) for seed in range(8)])
    table.attrs["provenance"] = {"wall_seconds": seconds}
    assert examine("expensive to measure", shelved(how=table)).verdict == verdict


@pytest.mark.parametrize(("apart", "verdict"), [(0.001, "supported"), (0.9, "contradicted")])
def test_of_chance(shelved: Shelved, apart: float, verdict: str) -> None:
    levels = ladder(lambda rung, seed: rung > 20)
    draws = levels[["run", "seed", "level"]].assign(random_separated=apart, rewired_separated=apart)
    shelf = shelved(extension=levels, extension__null=draws)
    assert examine("more than sparsity and degrees", shelf).verdict == verdict


@pytest.mark.parametrize(("longer", "verdict"), [(True, "supported"), (False, "contradicted")])
def test_of_zombies(shelved: Shelved, longer: bool, verdict: str) -> None:
    rows = [
        {"run": "57", "seed": seed % 8, "model.bias_init": "normal", "pruning.biases": False,
         "optimizer.weight_decay": 0.0, "layer": 1, "neuron": seed, "spell": 0,
         "state": "zombie", "born": 0,
         "died": (2 if (seed % 2 == 0) == longer else 6) + seed % 3, "last_level": 9,
         "bias": -0.4 + 0.01 * seed % 0.3 if seed % 2 == 0 else 0.4 + 0.01 * seed % 0.3, "next_state": "inactive"}
        for seed in range(80)
    ]  # fmt: skip
    assert examine("zombies survive longer", shelved(zombies__neurons=pd.DataFrame(rows))).verdict == verdict


@pytest.mark.parametrize(("held", "verdict"), [(2, "contradicted"), (1, "supported")])
def test_of_regression(shelved: Shelved, held: int, verdict: str) -> None:
    """R² falls after the separation at level 2, or before it."""
    good = [0.99 if level <= held else 0.3 for level in range(4)]
    statuses = ["interconnected", "interconnected", "separated", "separated"]
    parts = [run("57", seed, statuses, test_accuracy=good, density=[1, 0.5, 0.2, 0.1]) for seed in range(8)]
    assert examine("regression was not successful", shelved(regression=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("idle", "verdict"), [((90, 10), "supported"), ((10, 90), "contradicted")])
def test_of_decay(shelved: Shelved, idle: tuple[int, int], verdict: str) -> None:
    parts = [
        run(str(decay), seed, ["interconnected"], inactive_weights=count + seed % 2, weights=112).assign(
            **{"optimizer.weight_decay": decay}
        )
        for decay, count in zip((0.0, 1.0), idle, strict=True)
        for seed in range(8)
    ]
    assert examine("weight decay would prune", shelved(zombies=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("win", "verdict"), [(0.1, "supported"), (0.6, "contradicted")])
def test_of_sparsity(shelved: Shelved, win: float, verdict: str) -> None:
    """Twelve levels; the last that wins has this density."""
    density = [1.0, 0.6, 0.4, 0.2, 0.1, *[0.05] * 5]
    winning = pd.array([None, *[one >= win for one in density[1:]]], dtype="boolean")
    parts = [
        run("57", seed, ["interconnected"] * 10, density=density, winning=winning, test_accuracy=0.9)
        for seed in range(8)
    ]
    assert examine("highly sparse", shelved(extension=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("sign", "verdict"), [(1, "supported"), (-1, "contradicted")])
def test_of_signs_of_weights_that_moved(shelved: Shelved, sign: int, verdict: str) -> None:
    rows = [
        {"run": "57", "seed": seed, "level": 3, "anchor": anchor, "trained": anchor if still else 2 * sign * anchor}
        for seed in range(8)
        for anchor in (0.1, -0.2, 0.3 + seed / 10)
        for still in (True, False)
    ]
    assert examine("keep their signs", shelved(weights__weights=pd.DataFrame(rows))).verdict == verdict


@pytest.mark.parametrize(("loss", "verdict"), [((0.005, 0.2), "supported"), ((0.05, 0.05), "contradicted")])
def test_of_clusters(shelved: Shelved, loss: tuple[float, float], verdict: str) -> None:
    parts = [
        run("57", seed, ["interconnected", "separated"], val_loss=loss[seed % 2], active_weights=90)
        for seed in range(40)
    ]
    assert examine("two clusters", shelved(extension=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("idle", "verdict"), [(90, "supported"), (10, "contradicted")])
def test_of_compounding(shelved: Shelved, idle: int, verdict: str) -> None:
    parts = [
        run("1310", seed, ["interconnected"] * 26, inactive_weights=idle + seed % 2, weights=112) for seed in range(8)
    ]
    assert examine("compound", shelved(extension=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("losses", "verdict"), [([1.0, 0.5, 0.9], "supported"), ([0.5, 0.9, 1.0], "contradicted")])
def test_of_the_valley(shelved: Shelved, losses: list[float], verdict: str) -> None:
    losses = [losses[0], losses[1], losses[1], losses[1], losses[2]]
    parts = [run("20", seed, ["interconnected"] * 5, val_loss=losses) for seed in range(8)]
    assert examine("\\__/", shelved(extension=pd.concat(parts))).verdict == verdict


@pytest.mark.parametrize(("apart", "verdict"), [(True, "supported"), (False, "contradicted")])
@pytest.mark.parametrize(
    ("words", "experiment", "keys"),
    [
        ("one hidden layer splits", "extension_1", {"model.hidden": 94}),
        ("three hidden layers split", "extension_3", {"model.hidden": 94}),
        ("arbitrarily many tasks", "tasks", {"dataset.n": 6}),
        ("tasks of unequal size", "tasks_unequal", {}),
        ("classification only", "regression", {}),
        ("MNIST and Fashion-MNIST", "mnist_fashion", {}),
    ],
)
def test_of_other_problems(
    shelved: Shelved, words: str, experiment: str, keys: dict[str, Any], apart: bool, verdict: str
) -> None:
    end = "separated" if apart else "interconnected"
    table = pd.concat([run("one", seed, ["interconnected", end]).assign(**keys) for seed in range(99)])
    if words == "classification only":  # the claim is that the others do not
        verdict = "contradicted" if apart else "supported"
    assert examine(words, shelved(**{experiment: table})).verdict == verdict


@pytest.mark.parametrize(("both", "verdict"), [(False, "supported"), (True, "contradicted")])
def test_of_pruning_by_lot(shelved: Shelved, both: bool, verdict: str) -> None:
    parts = [
        run(name, seed, ["separated" if name == "magnitude" else "interconnected"]).assign(
            **{"pruning/criterion": name}
        )
        for name in ("magnitude", "random")
        for seed in range(16)
    ]
    if both:  # the other way round
        parts = [part.assign(outcome=["interconnected" if part["outcome"].iloc[0] == "separated" else "separated"])
                 for part in parts]  # fmt: skip
    assert examine("pruned by lot", shelved(null_models=pd.concat(parts))).verdict == verdict
