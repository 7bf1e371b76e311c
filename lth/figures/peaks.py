"""When inactive neurons peak: how many hidden neurons become inactive at each level."""

from functools import partial

import pandas as pd
from matplotlib.figure import Figure

from lth.collect import Tables
from lth.figures.compounding import DECAY, by_decay
from lth.figures.page import Panel, page
from lth.figures.source import Source
from lth.figures.style import styled


@styled
def draw(tables: Tables) -> Figure:
    """A panel per configuration, in each a colour per weight decay; the share of the hidden neurons."""
    caption = (
        "Hidden neurons that became inactive at a level (less those that no longer are), as a share of all hidden "
        "neurons. Thin lines: seeds; thick lines: median over the seeds."
    )
    return page(tables, _panels, columns=4, height=1.6, caption=caption, sharey="all")


def _panels(source: Source) -> list[Panel]:
    rows = source.levels("inactive_neurons", "active_neurons", "zombie_neurons", "weights")
    hidden = rows[["inactive_neurons", "active_neurons", "zombie_neurons"]].sum(axis=1)
    before: pd.Series = rows.groupby(["run", "seed"])["inactive_neurons"].diff()
    rows = rows.assign(fresh=before / hidden.where(hidden > 0)).dropna(subset=["fresh"])
    return [partial(by_decay, part, "fresh", "newly inactive share", name) for name, part in source.facets(rows, DECAY)]
