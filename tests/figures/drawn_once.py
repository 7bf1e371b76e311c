"""The figures of made tables, each drawn once for all tests that only look at it."""

from functools import cache

from made_tables import make
from matplotlib.figure import Figure

from lth.figures.catalogue import EXPERIMENTS, Drawing, drawings

DRAWINGS = [drawing for experiment in EXPERIMENTS for drawing in drawings(experiment)]
MADE = {experiment: make(experiment) for experiment in EXPERIMENTS}
_NAMED = {drawing.name: drawing for drawing in DRAWINGS}


def drawn(drawing: Drawing) -> Figure:
    """The figure of an experiment's made tables; nobody may change it."""
    return _drawn(drawing.name)


@cache
def _drawn(name: str) -> Figure:
    return _NAMED[name].draw(MADE[_NAMED[name].experiment])
