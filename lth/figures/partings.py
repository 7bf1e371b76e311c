"""The order in which tasks part: the partition trees of the seeds, each with how many seeds have it."""

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, styled
from lth.statistics import wilson

Partition = tuple[tuple[str, ...], ...]

_MOST = 5  # trees per panel
_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration with its most frequent trees; tasks that differ by their number alone are not told
    apart."""
    caption = (
        "A dot is a task; a bar joins those that stay together. From the top down: all tasks in one "
        "part, then every partition that follows until the last level or the "
        "first degraded one. Below: seeds with this tree, of n, with the 95 % Wilson interval of the rate."
    )
    return page(tables, _panels, columns=2, height=1.75, caption=caption)


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("partition", "status")
    trees = [steps(part) for _, part in rows.groupby(["run", "seed"])]
    apart = [tree for tree in trees if len(tree) > 1 and all(len(part) == 1 for part in tree[-1])]
    at_once = sum(len(tree) == 2 for tree in apart)
    source.headline(f"All tasks part in {len(apart)} of {len(trees)} runs, in {at_once} of these at one level")
    return [partial(_trees, part, name) for name, part in source.facets(rows)]


def steps(rows: pd.DataFrame) -> tuple[Partition, ...]:
    """The partitions of one seed along its levels, each once, up to the first degraded level."""
    whole = rows[~(rows["status"] == "degraded").cummax().to_numpy()]
    texts = list(dict.fromkeys(whole["partition"].dropna()))
    found: list[Partition] = []
    for text in texts:
        partition = tuple(tuple(part.split("+")) for part in text.split("|"))
        if not found or len(partition) > len(found[-1]):  # nothing that parted comes together again
            found.append(partition)
    return tuple(found)


def shape(tree: Sequence[Partition]) -> str:
    """One text for all trees that are the same but for the names of tasks that differ by their number alone."""

    def below(tasks: tuple[str, ...], step: int) -> str:
        kinds = "+".join(sorted(re.sub(r"_?\d+$", "", task) for task in tasks))
        if step + 1 == len(tree):
            return kinds
        parts = [part for part in tree[step + 1] if set(part) <= set(tasks)]
        return f"{kinds}({','.join(sorted(below(part, step + 1) for part in parts))})"

    return "; ".join(sorted(below(part, 0) for part in tree[0])) if tree else ""


def _trees(rows: pd.DataFrame, name: str, axes: Axes) -> None:
    seeds = [steps(part.sort_values("level")) for _, part in rows.groupby(["run", "seed"])]
    shapes = pd.Series([shape(tree) for tree in seeds])
    counts = shapes.value_counts()
    order = sorted(counts.index, key=lambda text: (-counts[text], text))
    most = max((len(tree) for tree in seeds), default=1)
    for place, text in enumerate(order[:_MOST]):
        tree = seeds[int(np.flatnonzero(shapes == text)[0])]
        _tree(axes, tree, place)
        rate = wilson(int(counts[text]), len(seeds))
        label = f"{counts[text]}/{len(seeds)}\n[{rate.low:.2f}, {rate.high:.2f}]"
        axes.text(place, -most + 0.25, label, ha="center", va="top", fontsize=6)
    rest = len(seeds) - int(counts[order[:_MOST]].sum())
    others = f"{rest} seed{'s' * (rest > 1)} with other trees" if rest else ""
    axes.set_title(", ".join(filter(None, (name, others))), loc="left")
    axes.set(xlim=(-0.6, _MOST - 0.4), ylim=(-most - 0.75, 0.5))
    axes.set_axis_off()


def _tree(axes: Axes, tree: Sequence[Partition], place: int) -> None:
    """The tree around x = place, a step down for every partition."""
    if not tree:
        axes.text(place, 0, "degraded\nat once", ha="center", va="center", fontsize=6)
        return
    tasks = sorted(
        (task for part in tree[-1] for task in part),
        key=lambda task: [next(number for number, part in enumerate(step) if task in part) for step in tree],
    )
    x = {task: place + 0.7 * ((number + 0.5) / len(tasks) - 0.5) for number, task in enumerate(tasks)}
    kinds = list(dict.fromkeys(re.sub(r"_?\d+$", "", task) for part in tree[0] for task in part))
    middle = {part: float(np.mean([x[task] for task in part])) for step in tree for part in step}
    for level, (above, step) in enumerate(pairwise(tree)):
        for part in step:
            parent = next(one for one in above if set(part) <= set(one))
            axes.plot(
                [middle[parent], middle[part], middle[part]], [-level, -level, -level - 1], color=BLACK, lw=0.9,
                solid_capstyle="round",
            )  # fmt: skip
    for part in tree[-1]:
        axes.plot([x[part[0]], x[part[-1]]], [1 - len(tree)] * 2, color=BLACK, lw=2)
        for task in part:
            kind = re.sub(r"_?\d+$", "", task)
            label = kind if len(kinds) > 1 else None
            colour = _COLOURS[kinds.index(kind) % len(_COLOURS)] if len(kinds) > 1 else BLACK
            axes.plot(x[task], 1 - len(tree), "o", color=colour, ms=4, label=label)
