"""A ticket to draw, and what a drawn picture shows."""

from itertools import pairwise

import numpy as np
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from plain_reading import wires
from tickets import ticket_of

from lth.data.dataset import Task
from lth.ticket import Ticket

WHOLE = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1)]
# Hidden 2 is a zombie, hidden 3 inactive, hidden 4 has no weight.
MASKS = wires((4, 5, 2), *WHOLE, (1, 2, 0), (1, 2, 1), (0, 0, 3))


def weights_of(figure: Figure) -> dict[str, LineCollection]:
    found = figure.findobj(lambda artist: isinstance(artist, LineCollection) and artist.get_gid() is not None)
    return {str(lines.get_gid()).split()[0]: lines for lines in found if isinstance(lines, LineCollection)}


def neurons_of(figure: Figure, state: str) -> list[int]:
    """Number of neurons drawn in this state, per layer."""
    found = figure.findobj(lambda a: isinstance(a, PathCollection) and str(a.get_gid()).startswith(f"{state} neurons"))
    ordered = sorted(found, key=lambda artist: str(artist.get_gid()))
    return [len(np.asarray(dots.get_offsets())) for dots in ordered if isinstance(dots, PathCollection)]


def colours_of(figure: Figure) -> list[str]:
    """Colours of the active weights, layer by layer in the order of the mask."""
    rows = np.asarray(weights_of(figure)["active"].get_color())
    return [to_hex((float(red), float(green), float(blue))).upper() for red, green, blue, _ in rows]


def words_of(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in [*figure.texts, *figure.axes[0].texts, *figure.legends[0].get_texts()])


def flat_words(figure: Figure) -> str:
    """The words, however their lines are broken."""
    return " ".join(words_of(figure).split())


def large_ticket(shape: tuple[int, ...], tasks: tuple[Task, ...], density: float) -> Ticket:
    rng = np.random.default_rng(0)
    return ticket_of([rng.random((out, fan_in)) < density for fan_in, out in pairwise(shape)], tasks)


def nothing_overlaps(figure: Figure) -> None:
    """No text leaves the picture, and neither title nor layer names run into the legend."""
    texts = [*figure.texts, *figure.axes[0].texts]
    boxes = [text.get_window_extent() for text in texts] + [figure.legends[0].get_window_extent()]
    for box in boxes:
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= 0
        assert box.y1 <= figure.bbox.y1
    assert all(not box.overlaps(boxes[-1]) for box in boxes[:-1])
