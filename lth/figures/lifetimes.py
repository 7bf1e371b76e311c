"""How long neurons stay zombies or inactive, by sign and size of their bias at birth."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Missing, Tables
from lth.figures.curves import kaplan_meier, tests
from lth.figures.lines import level_axis
from lth.figures.page import Panel, page
from lth.figures.source import Source, facets
from lth.figures.style import BLACK, BLUE, DARK, ORANGE, VERMILION, styled

_GROUPS = {"bias below 0": BLUE, "bias 0": BLACK, "bias above 0, small": ORANGE, "bias above 0, large": VERMILION}
_POOLED = ("model.hidden",)


@styled
def draw(tables: Tables) -> Figure:
    """Zombies first, then inactive neurons if any comes back; sizes are pooled."""
    caption = (
        "Share that is still in its state so many levels after its birth, with 95 % bands; crosses: censored at the "
        "last level. Large: above the median of the biases above 0 of its state. P: log-rank test of the groups; HR:"
        " hazard ratio per standard deviation of the bias (Cox), its interval robust to neurons of one run being "
        "alike."
    )
    return page(tables, _panels, columns=_columns, height=1.7, caption=caption, sharey="all")


def _columns(source: Source) -> int:
    """A column per weight decay, if those are few."""
    decays = source.seeds["optimizer.weight_decay"].nunique() if "optimizer.weight_decay" in source.seeds else 0
    return decays if decays in (2, 3) else 2


def _panels(source: Source) -> list[Panel]:
    rows = source.table("neurons", "state", "born", "last_level", "died")
    if "bias" not in rows:
        source.note("table neurons has no column bias")
        rows = rows.assign(bias=float("nan"))
    pooled = [key for key in source.keys if key in _POOLED and rows[key].nunique(dropna=False) > 1]
    if pooled:
        source.remark(f"Pooled: {', '.join(pooled)}.")
    rows = rows.assign(ended=rows["died"].notna(), duration=rows["died"].fillna(rows["last_level"]) - rows["born"])
    rows = rows[rows["duration"] > 0]  # born at the last level: nothing was seen of its life
    keys = [key for key in source.keys if key not in _POOLED]
    found = []
    for state in ("zombie", "inactive"):
        mine = rows[rows["state"] == state]
        if mine.empty:
            source.note(f"no {state} neuron")
            continue
        if not mine["ended"].any():
            source.remark(f"None of {len(mine)} {state} neurons left its state before the last level.")
            continue
        large = mine["bias"][mine["bias"] > 0].median()
        parts = facets(mine, keys)
        found += [partial(_curves, part, large, ", ".join(filter(None, (state, name)))) for name, part in parts]
    if not found:
        raise Missing("no life of a zombie or inactive neuron came to an end")
    return found


def _curves(lives: pd.DataFrame, large: float, name: str, axes: Axes) -> None:
    group = pd.Series("bias unknown", index=lives.index)
    for label, mine in zip(_GROUPS, (lives["bias"] < 0, lives["bias"] == 0, lives["bias"] > 0), strict=False):
        group[mine] = label
    group[lives["bias"] > large] = "bias above 0, large"
    for label, colour in (_GROUPS | {"bias unknown": DARK}).items():
        mine = lives[group == label]
        kaplan_meier(axes, mine["duration"], mine["ended"], colour, label)
    scaled = (lives["bias"] / (lives["bias"].std() or 1)).rename("bias")
    text = tests(lives["duration"], lives["ended"], group, scaled, lives)
    level_axis(axes, "levels since birth")
    axes.set(ylabel="still in the state", ylim=(0, 1.03))
    axes.set_title(f"{name}\n" + ", ".join(filter(None, (f"n = {len(lives)}", text))), loc="left")
