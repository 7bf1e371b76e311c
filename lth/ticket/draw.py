"""The picture of a ticket: inputs left, outputs right, a colour for each task, a style for each state."""

import numpy as np
from matplotlib.figure import Figure

from lth.ticket.contents import Ticket
from lth.ticket.picture.bands import draw_flow
from lth.ticket.picture.flow import flow
from lth.ticket.picture.legend import legend, legend_height, put_legend
from lth.ticket.picture.scene import Scene
from lth.ticket.picture.title import put_title, title
from lth.ticket.picture.wires import draw_wires
from lth.ticket.states import reach
from lth.ticket.structure import analyse

MOST_WEIGHTS = 400  # drawn one by one: more are a tangle that nobody reads
_NAMES = 0.5  # inches below the picture for the names of the layers


def draw(ticket: Ticket, about: str = "") -> Figure:
    """Draw a ticket; save the figure with `figure.savefig(path, dpi=150)`. `about`: its configuration, in words.

    Weights are as wide as they are large. Active ones have the colour of the task that they serve, black where they
    serve several; zombies are dashed, inactive ones dotted. Tasks that share no component lie in bands of their own,
    what is not active below them. Hidden neurons without any weight are left out, inputs and outputs never are. Of
    more than MOST_WEIGHTS unpruned weights the neurons that are alike are drawn as one box, with what runs between
    them. Legend and title say what is there and what is left out.
    """
    structure = analyse(ticket.masks, ticket.tasks, biases=ticket.biases, bias_masks=ticket.bias_masks, cut_limit=0)
    scene = Scene(ticket, structure, reach(ticket.masks, ticket.tasks))
    grouped = scene.kept > MOST_WEIGHTS
    side = _side(scene, grouped=grouped)
    width = float(np.clip(2.6 * len(ticket.masks), 6.2, 12.5)) + 2 * side
    made = flow(scene) if grouped else None
    height = scene.height if made is None else float(np.clip(4.2 * made.height, 4.0, 12.0))
    head, entries = title(scene, about, width, grouped=grouped), legend(scene, grouped=grouped)
    below = legend_height(entries, width) + _NAMES
    whole = height + head.height + below
    figure = Figure(figsize=(width, whole))
    axes = figure.add_axes((side / width, below / whole, 1 - 2 * side / width, height / whole))
    draw_wires(axes, scene) if made is None else draw_flow(axes, scene, made)
    put_title(figure, head)
    put_legend(figure, entries)
    axes.set_axis_off()
    return figure


def _side(scene: Scene, *, grouped: bool) -> float:
    """Inches beside the picture for the names of the tasks."""
    letters = max(len(scene.name(task)) for task in range(len(scene.ticket.tasks)))
    return max(0.9, 0.35 + 0.095 * (letters + grouped * len(", lost")))
