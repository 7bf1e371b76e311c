"""Which figures there are, and which of them every experiment has."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from matplotlib.figure import Figure

from lth.method.extension import Ladder

_RATES: dict[str, dict[str, Any]] = {"outcomes": {}, "null": {}}


def _ladder(base: int, depth: int, **outcomes: Any) -> dict[str, dict[str, Any]]:
    """The figures of a ladder of sizes for two tasks of two inputs and one output each, at the rate of the presets."""
    ladder = {"ladder": Ladder(base=base, rate=0.32, depth=depth, d_in=4, d_out=2)}
    return {"outcomes": ladder | outcomes, "separation": ladder, "loss": {}, "idle": {}, "null": {}}


_IMAGES: dict[str, dict[str, Any]] = {"accuracy": {}, "pixels": {}, **_RATES}

# Experiment → figure → what `draw` is told beside the tables. The names are those of conf/experiment.
EXPERIMENTS: dict[str, dict[str, dict[str, Any]]] = {
    "extension": _ladder(8, 2, published=True),
    "extension-1": _ladder(20, 1),
    "extension-3": _ladder(4, 3),
    "fixed-levels": {"grid": {}, "fit": {}, "separation": {}, **_RATES},
    "levels": {"grid": {}, "fit": {}, **_RATES},
    "levels-vs-size": {"grid": {}, "fit": {}, **_RATES},
    "how": {"decided": {}, "cut": {}, **_RATES},
    "backward": {"backward": {}},
    "bridge": {"bridge": {}},
    "tasks": {"partings": {}, "parts": {}, **_RATES},
    "tasks-unequal": {"partings": {}, "parts": {}, "accuracy": {}, **_RATES},
    "noise-inputs": {"inputs": {}, "survival": {}, **_RATES},
    "lottery": {"lottery": {}, **_RATES},
    "zombies": {"lifetimes": {}, "peaks": {}, "compounding": {}, **_RATES},
    "weights": {"weights": {}, **_RATES},
    "regression": {"accuracy": {"measure": "test R²"}, **_RATES},
    "noise-free": {"noise": {}, **_RATES},
    "digits-pair": _IMAGES,
    "mnist": _IMAGES,
    "fashion": _IMAGES,
    "mnist-fashion": _IMAGES,
    "lenet": {"tickets": {}, "pixels": {}},
    "mnist1d": {"gains": {}},
    "null-models": _RATES,
    "main": {"rise": {}, "forecast": {}, "winning": {}, "separation": _ladder(8, 2)["separation"]},
    "depths": {"cells": {"across": "model.hidden", "by": "model.depth"}},
    "biases": {"cells": {"across": "pruning.scope", "by": "model.bias_init"}},
    "independence": {"share": {}},
    "negative": {"controls": {}},
    "boolean": {"recovered": {}},
    "one-bit": {"bit": {}},
    "budget": {"apart": {}},
}


def figures() -> list[str]:
    """The names of all figures, in order."""
    return list(dict.fromkeys(name for found in EXPERIMENTS.values() for name in found))


@dataclass(frozen=True)
class Drawing:
    """One figure to draw of one experiment; `experiment` is empty for a folder that is none of them."""

    experiment: str
    figure: str
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return "-".join(part for part in (self.experiment, self.figure) if part)

    @property
    def draw(self) -> Callable[..., Figure]:
        """The figure's function of the tables."""
        module = import_module(f"lth.figures.{self.figure.replace('-', '_')}")
        return partial(module.draw, **self.options)


def drawings(experiment: str, figure: str | None = None) -> list[Drawing]:
    """The drawings of an experiment, all or the one of `figure`."""
    found = EXPERIMENTS.get(experiment, {})
    if figure is None:
        return [Drawing(experiment, name, options) for name, options in found.items()]
    return [Drawing(experiment, figure, found.get(figure, {}))]
