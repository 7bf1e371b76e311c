"""How long neurons stay zombies: a panel for every question, each by what is varied while the rest stays as it is."""

from functools import partial
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.curves import hazard, kaplan_meier
from lth.figures.lines import level_axis
from lth.figures.page import Panel, page
from lth.figures.source import Source, label
from lth.figures.style import BLACK, BLUE, DARK, ORANGE, VERMILION, styled

_LARGE = 0.1  # a bias above it is large
_GROUPS = {"bias below 0": BLUE, "bias 0": BLACK, "bias 0 to 0.1": ORANGE, "bias above 0.1": VERMILION}
_COLOURS = (BLACK, BLUE, VERMILION, ORANGE, DARK)  # of other groups
_UNKNOWN = "bias unknown"
_POOLED = ("model.hidden",)
# What is varied → its question; and the value that the other panels hold it at.
_QUESTIONS = {
    "optimizer.weight_decay": "Does weight decay end zombies sooner?",
    "pruning.biases": "Do zombies end sooner if biases can be pruned?",
    "model.bias_init": "Do zombies last longer if biases start at random?",
}
_HELD = {"optimizer.weight_decay": 0.0, "pruning.biases": False, "model.bias_init": "normal"}


@styled
def draw(tables: Tables) -> Figure:
    """The sign and size of the bias at birth, then every key that varies, then whether inactive ones come back."""
    caption = (
        "Share of the zombie neurons that still are zombies so many levels after they became so (Kaplan and Meier), "
        "with 95 % bands; crosses: censored at the last level; n: lives. Brackets: 95 % interval, robust to neurons of"
        " one run being alike. Sizes are pooled."
    )
    return page(tables, _panels, columns=2, height=2.2, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = _lives(source)
    zombies, inactive = (rows[rows["state"] == state] for state in ("zombie", "inactive"))
    keys = [key for key in source.keys if key not in _POOLED and rows[key].nunique(dropna=False) > 1]
    held = {key: _held(rows[key], key) for key in keys}
    if held and not zombies.empty:
        source.remark(f"Where not varied: {', '.join(label(key, value) for key, value in held.items())}.")
    found: list[Panel] = []
    if zombies["ended"].any():
        found.append(partial(_by_bias, source, _at(zombies, held)))
        found += [partial(_by_key, _at(zombies, held, key), key, held[key]) for key in keys]
    else:
        source.note("no zombie neuron" if zombies.empty else "no life of a zombie came to an end")
    if inactive["ended"].any():
        found.append(partial(_curves, _at(inactive, held), {"inactive": BLACK}, "Do inactive neurons come back?"))
    elif len(inactive):
        source.remark(f"None of {len(inactive)} inactive neurons left its state before the last level.")
    if not found:
        raise Missing("no life of a zombie or inactive neuron came to an end")
    return found


def _lives(source: Source) -> pd.DataFrame:
    """A row per life of a neuron in a state, with its `duration` and whether it `ended`."""
    rows = source.table("neurons", "state", "born", "last_level", "died")
    if "bias" not in rows:
        source.note("table neurons has no column bias")
        rows = rows.assign(bias=float("nan"))
    rows = rows.assign(ended=rows["died"].notna(), duration=rows["died"].fillna(rows["last_level"]) - rows["born"])
    return rows[rows["duration"] > 0]  # born at the last level: nothing was seen of its life


def _held(values: pd.Series, key: str) -> Any:
    """The value of a key where it is not varied."""
    known = sorted(values.unique(), key=str)
    return _HELD[key] if _HELD.get(key) in known else known[0]


def _at(lives: pd.DataFrame, held: dict[str, Any], varied: str = "") -> pd.DataFrame:
    """The lives of the configurations that hold every key but the varied one."""
    for key, value in held.items():
        lives = lives if key == varied else lives[lives[key] == value]
    return lives


def _by_bias(source: Source, lives: pd.DataFrame, axes: Axes) -> None:
    group = pd.Series(_UNKNOWN, index=lives.index)
    bias = lives["bias"]
    for name, mine in zip(_GROUPS, (bias < 0, bias == 0, bias > 0, bias > _LARGE), strict=True):
        group[mine] = name
    lives = lives.assign(group=group)
    question = "Does a large bias keep zombies alive?"
    ratio = hazard(lives, (lives["group"] == "bias above 0.1").rename("large"))
    answer = f"HR {ratio} (above 0.1 against the rest)" if ratio else ""
    if ratio:
        source.headline(f"Zombies born with a bias above {_LARGE} end at {ratio} times the rate of the others")
    _curves(lives, _GROUPS | {_UNKNOWN: DARK}, "\n".join(filter(None, (question, answer))), axes)


def _by_key(lives: pd.DataFrame, key: str, held: Any, axes: Axes) -> None:
    values = [held, *(value for value in sorted(lives[key].unique(), key=str) if value != held)]
    names = {value: label(key, value) for value in values}
    lives = lives.assign(group=lives[key].map(names))
    ends = lives[lives[key].isin((held, values[-1]))]
    ratio = hazard(ends, (ends[key] == values[-1]).rename("other"))
    answer = f"HR {ratio} ({names[values[-1]]} against {names[held]})" if ratio else ""
    colours = dict(zip(names.values(), _COLOURS * len(names), strict=False))
    question = _QUESTIONS.get(key, f"Does {key} change how long zombies last?")
    _curves(lives, colours, "\n".join(filter(None, (question, answer))), axes)


def _curves(lives: pd.DataFrame, colours: dict[str, Any], title: str, axes: Axes) -> None:
    group = lives["group"] if "group" in lives else pd.Series(next(iter(colours)), index=lives.index)
    if lives.empty:
        raise Missing("no life with these values")
    for name, colour in colours.items():
        mine = lives[group == name]
        kaplan_meier(axes, mine["duration"], mine["ended"], colour, f"{name}, n = {len(mine)}")
    axes.legend(loc="upper right", fontsize=6)
    level_axis(axes, "levels since it became so")
    axes.set(ylabel="still in the state", ylim=(0, 1.03))
    axes.set_title(title, loc="left")
