"""docs/concepts.png: a small ticket, drawn as every ticket is, with the words beside what they mean."""

from io import BytesIO
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from lth.data.dataset import Task
from lth.ticket.contents import Ticket
from lth.ticket.draw import draw
from lth.ticket.layout import layout

_SHAPE = (4, 5, 5, 2)
_TASKS = (Task("moons", (0, 1), (0,), "binary"), Task("circles", (2, 3), (1,), "binary"))
_OWN = ((0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1), (2, 0, 0), (2, 1, 0),  # of moons: layer, start, end
        (0, 2, 2), (0, 3, 2), (1, 2, 2), (2, 2, 1), (0, 3, 3), (1, 3, 2))  # of circles  # fmt: skip
_BRIDGE = (1, 1, 2)  # the one weight that both tasks hang on
_ZOMBIE = ((1, 4, 3), (2, 3, 1))  # from a neuron without inputs to an output
_INACTIVE = (1, 1, 4)  # ends where nothing goes on
_NOTES = (  # the words, the layer and neuron that they point at or the weight, where they stand: above 1, below -1
    ("a task: inputs and outputs\nof one colour", (0, 0), (-0.35, 1)),
    ("active weight: on a way\nfrom an input to an output", (0, "active"), (0.4, 1)),
    ("the cut: without this one weight\nthe network falls into two", (1, "cut"), (1.25, 1)),
    ("black: serves both tasks", (2, 2), (2.25, 1)),
    ("zombie neuron: no input reaches it,\nit passes nothing but its bias on", (1, 4), (0.3, -1)),
    ("inactive neuron:\nit reaches no output", (2, 4), (2.05, -1)),
)


def ticket() -> Ticket:
    """A ticket of two tasks that one weight still joins, with a zombie and an inactive neuron."""
    masks = [np.zeros((out, into), dtype=bool) for into, out in pairwise(_SHAPE)]
    for layer, start, end in (*_OWN, _BRIDGE, *_ZOMBIE, _INACTIVE):
        masks[layer][end, start] = True
    random = np.random.default_rng(1)
    weights = [np.sign(random.normal(size=mask.shape)) * random.uniform(0.3, 1.5, mask.shape) for mask in masks]
    biases = [np.full(len(mask), -0.1) for mask in masks]
    biases[0][4] = 0.4  # the zombie's: it is audible
    return Ticket.from_masks(masks, _TASKS, weights, biases, level=6)


def picture() -> bytes:
    """The picture as PNG."""
    drawn = ticket()
    figure = draw(drawn)
    for text in list(figure.texts):  # what this ticket is called is of no interest
        text.remove()
    for words, target, place in _NOTES:
        _note(figure.axes[0], drawn, words, target, place)
    page = BytesIO()
    figure.savefig(page, format="png", dpi=110, bbox_inches="tight", pad_inches=0.2, metadata={"Software": None})
    return page.getvalue()


def _note(axes: Axes, drawn: Ticket, words: str, target: tuple[int, int | str], place: tuple[float, int]) -> None:
    found, (layer, neuron) = layout(drawn.structure), target
    if isinstance(neuron, str):
        _, start, end = _BRIDGE if neuron == "cut" else _OWN[0]
        at = (layer + 0.5, (found.y[layer][start] + found.y[layer + 1][end]) / 2)
    else:
        at = (layer, found.y[layer][neuron])
    x, side = place
    axes.annotate(
        words, at, (x, 0.7 if side > 0 else -found.height - 1.4), ha="left", va="bottom" if side > 0 else "top",
        fontsize=9, annotation_clip=False, color="#222222", zorder=9,
        arrowprops={"arrowstyle": "->", "color": "#666666", "shrinkB": 4},
    )  # fmt: skip
