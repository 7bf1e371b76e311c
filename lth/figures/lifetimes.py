"""How long neurons stay zombies or inactive, by sign and size of their bias at birth."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.figures.curves import kaplan_meier, tests
from lth.figures.page import Panel, page
from lth.figures.source import Missing, Source, Tables, facets
from lth.figures.style import BLUE, ORANGE, VERMILION, styled

_GROUPS = {"bias below 0": BLUE, "bias small, 0 or more": ORANGE, "bias large": VERMILION}
_POOLED = ("model.hidden", "pruning.biases")


@styled
def draw(tables: Tables) -> Figure:
    """Zombies above, inactive neurons below; a panel per configuration, sizes and pruned biases pooled."""
    source = Source(tables)
    caption = (
        "Share that is still in its state so many levels after its birth, with 95 % bands; crosses: censored at the"
    )
    caption += " last level. Large: above the median of the biases of 0 or more of its state. P: log-rank test of the"
    caption += " groups; hazard ratio per standard deviation of the bias, robust to neurons of one run being alike."
    decays = (
        source.tables.get("neurons", pd.DataFrame()).get("optimizer.weight_decay", pd.Series(dtype=float)).nunique()
    )
    columns = decays if decays in (2, 3) else 2
    return page(tables, _panels, columns=columns, height=1.7, caption=caption, sharey="all")


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
        large = mine["bias"][mine["bias"] >= 0].median()
        parts = facets(mine, keys)
        found += [partial(_curves, part, large, ", ".join(filter(None, (state, name)))) for name, part in parts]
    return found


def _curves(lives: pd.DataFrame, large: float, name: str, axes: Axes) -> None:
    group = pd.Series("bias small, 0 or more", index=lives.index)
    group[lives["bias"] > large] = "bias large"
    group[lives["bias"] < 0] = "bias below 0"
    group[lives["bias"].isna()] = ""
    if lives.empty:
        raise Missing(f"no {name}")
    for label, colour in _GROUPS.items():
        mine = lives[group == label]
        kaplan_meier(axes, mine["duration"], mine["ended"], colour, label)
    kaplan_meier(axes, lives["duration"][group == ""], lives["ended"][group == ""], "black", "bias unknown")
    scaled = (lives["bias"] / (lives["bias"].std() or 1)).rename("bias")
    text = f"n = {len(lives)}\n" + tests(lives["duration"], lives["ended"], group, scaled, lives)
    axes.text(0.97, 0.97, text, transform=axes.transAxes, fontsize=6, va="top", ha="right")
    axes.set(xlabel="levels since birth", ylabel="still in the state", ylim=(0, 1.03))
    axes.set_title(name, loc="left")
