"""What the short words on a figure mean: one sentence each, for those that stand on it."""

import re
from collections.abc import Iterator

from matplotlib.figure import Figure

# A pattern of what stands on a figure → the sentence below it.
_MEANINGS = {
    r"(^|[\s(])h( = |$|,)": "h: hidden neurons per layer.",
    r"\brungs?\b": "Rung e: the size that is pruned e times on its way to the weights of rung 0.",
    r"\blevels?\b": "Level: trained, then pruned and rewound; level 0 is dense.",
    r"\bp = |^p$|\brate p\b": "p: share of the remaining weights that each level removes.",
    r"\bq = ": "q: inputs that are noise.",
    r"\bdecay \d": "Decay: weight decay.",
    r"\bbias (normal|zero)": "Bias normal, zero: how biases start.",
    r"\bbias (kept|pruned)": "Bias kept, pruned: whether biases can be pruned.",
    r"\bHR\b": "HR: hazard ratio (Cox); below 1 lives are longer.",
    r"\bseparat(ed|es?|ion)\b": "Separated: no active weights join the tasks.",
    r"\binterconnected\b": "Interconnected: active weights join them.",
    r"\bfragmented\b": "Fragmented: one task is in several pieces.",
    r"\bdegraded\b": "Degraded: an input or output of a task is cut off.",
    r"\binactive\b": "Inactive: reaches no output.",
    r"\b[Zz]ombies?\b": "Zombie: reaches an output, is reached from no input.",
    r"\bactive (weights|share)\b": "Active: on a way from an input to an output.",
}


def glossary(figure: Figure) -> str:
    """The sentences for the words on a figure, in one text."""
    texts = list(_texts(figure))
    return " ".join(
        meaning for word, meaning in _MEANINGS.items() if any(re.search(word, text, re.MULTILINE) for text in texts)
    )


def _texts(figure: Figure) -> Iterator[str]:
    """What stands on the panels, on their axes and in the legends, and the headline."""
    for axes in figure.axes:
        yield axes.get_title("left")
        for axis in (axes.xaxis, axes.yaxis):
            yield axis.get_label_text()
            yield from (tick.get_text() for tick in axis.get_ticklabels())
        yield from (text.get_text() for text in axes.texts)
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes)]
    yield from (text.get_text() for legend in legends if legend for text in legend.get_texts())
    yield from (text.get_text() for text in figure.texts)
