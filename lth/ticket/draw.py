"""The picture of a ticket: inputs left, outputs right, a colour for each task, a style for each state."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lth.ticket.contents import Ticket
from lth.ticket.layout import Layout, layout
from lth.ticket.states import Reach, State, reach
from lth.ticket.structure import Structure, analyse

# Okabe & Ito's colours, told apart with every common colour blindness; not their yellow, which is lost on white.
# Black is kept for what serves several tasks, grey for what serves none.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SHARED, ZOMBIE, INACTIVE = "#1a1a1a", "#7a7a7a", "#b5b5b5"
MOST_WEIGHTS = 20_000  # drawn per picture: more are a black square, and minutes of drawing


@dataclass(frozen=True)
class _Scene:
    """What every drawing step needs: the ticket, what is known of it, where things are, how far apart (in points)."""

    ticket: Ticket
    structure: Structure
    reached: Reach
    place: Layout
    spacing: float

    def colour(self, serves: np.ndarray) -> list[str]:
        """Colours for rows of (…, K) bool: the task's where it is one, black for several, grey for none."""
        one = serves.argmax(axis=1)
        return [
            COLOURS[task % len(COLOURS)] if many == 1 else (SHARED if many else ZOMBIE)
            for task, many in zip(one, serves.sum(axis=1), strict=True)
        ]


def draw(ticket: Ticket) -> Figure:
    """Draw a ticket; save the figure with `figure.savefig(path, dpi=150)`.

    Weights are as wide as they are large. Active ones have the colour of the task that they serve, black where they
    serve several; zombies are dashed, inactive ones dotted. Tasks that share no component lie in bands of their own,
    what is not active below them. Hidden neurons without any weight are left out, inputs and outputs never are. Of
    more than MOST_WEIGHTS unpruned weights the largest are drawn, active ones first, and the title says so.
    """
    structure = analyse(ticket.masks, ticket.tasks, biases=ticket.biases, bias_masks=ticket.bias_masks, cut_limit=0)
    place = layout(structure)
    height = float(np.clip(0.16 * place.height, 3.0, 13.0))
    width = float(np.clip(2.6 * len(ticket.masks) + 1.8, 8.0, 16.0))
    figure = Figure(figsize=(width, height + 2))
    axes = figure.add_axes((0.11, 1.05 / (height + 2), 0.78, height / (height + 2)))
    scene = _Scene(ticket, structure, reach(ticket.masks, ticket.tasks), place, 72 * height / max(place.height, 1))
    drawn = _weights(axes, scene)
    _neurons(axes, scene)
    _names(axes, scene)
    _title(figure, scene, drawn)
    _legend(figure, scene)
    axes.set_xlim(-0.06, len(ticket.masks) + 0.06)
    axes.set_ylim(-place.height - 0.5, 0.5)
    axes.set_axis_off()
    return figure


def _weights(axes: Axes, scene: _Scene) -> int:
    """Add the weights, one LineCollection per state, its gid the state's name; returns how many."""
    lines, states, sizes, colours = [], [], [], []
    for layer, (state, weight) in enumerate(zip(scene.structure.weights, scene.ticket.weights, strict=True)):
        ends, starts = state.nonzero()
        y = scene.place.y[layer][starts], scene.place.y[layer + 1][ends]
        points = np.stack([np.full(len(ends), layer), y[0], np.full(len(ends), layer + 1), y[1]], axis=1)
        lines.append(points.reshape(-1, 2, 2))
        states.append(state[ends, starts])
        sizes.append(np.nan_to_num(np.abs(weight[ends, starts]).astype(float), posinf=0))
        serves = scene.reached.inputs[layer][starts, :-1] | scene.reached.outputs[layer + 1][ends]
        colours.extend(scene.colour(serves))
    line, state, size, colour = np.concatenate(lines), np.concatenate(states), np.concatenate(sizes), np.array(colours)
    chosen = np.sort(np.lexsort((-size, -state.astype(int)))[:MOST_WEIGHTS])
    line, state, size, colour = line[chosen], state[chosen], size[chosen], colour[chosen]
    wide = 0.35 + 1.9 * size / max(size.max(initial=0), 1e-30)
    looks: dict[State, dict[str, Any]] = {
        State.INACTIVE: {"colors": INACTIVE, "linewidths": 0.7, "linestyles": ":", "zorder": 1},
        State.ZOMBIE: {"colors": ZOMBIE, "linewidths": 0.8, "linestyles": (0, (5, 3)), "zorder": 2},
        State.ACTIVE: {"zorder": 3},
    }
    for kind, look in looks.items():
        mine = state == kind
        crowd = float(np.clip(14 / np.sqrt(max(mine.sum(), 1)), 0.06, 0.9))
        if kind == State.ACTIVE:
            look |= {"colors": list(colour[mine]), "linewidths": wide[mine] * min(1, 4 * crowd)}
        gid = f"{kind.name.lower()} weights"
        axes.add_collection(LineCollection(list(line[mine]), gid=gid, alpha=crowd, **look))
    return len(line)


def _neurons(axes: Axes, scene: _Scene) -> None:
    """Add the neurons, one scatter per layer and state; its gid says which."""
    for layer, (states, y) in enumerate(zip(scene.structure.neurons, scene.place.y, strict=True)):
        served, at_end = _colours(scene, layer), layer in (0, len(scene.ticket.masks))
        for state, marker, grey in (
            (State.INACTIVE, "x", INACTIVE),
            (State.ZOMBIE, "D", ZOMBIE),
            (State.ACTIVE, "o", None),
        ):
            mine = np.flatnonzero((states == state) & ~np.isnan(y))
            edges = [served[index] if at_end or grey is None else grey for index in mine]
            hollow = ~_audible(scene, layer) & (state == State.ZOMBIE)
            faces = ["white" if hollow[index] else edge for index, edge in zip(mine, edges, strict=True)]
            paint: dict[str, Any] = {"color": edges} if marker == "x" else {"facecolors": faces, "edgecolors": edges}
            gid, size = (
                f"{state.name.lower()} neurons {layer}",
                _diameter(scene, y[(states == State.ACTIVE) == (grey is None)]),
            )
            axes.scatter(
                np.full(len(mine), layer), y[mine], s=size**2, marker=marker, linewidths=0.9, zorder=4, gid=gid,
                clip_on=False, **paint,
            )  # fmt: skip


def _diameter(scene: _Scene, y: np.ndarray) -> float:
    """Marker size in points for neurons at these heights: as large as fits between them, within reason."""
    apart = np.diff(np.sort(y[~np.isnan(y)])).min(initial=10) * scene.spacing
    return float(np.clip(0.75 * apart, 1.2, 7.5))


def _colours(scene: _Scene, layer: int) -> list[str]:
    """Colour of every neuron: that of the tasks it serves, at the ends of the task it belongs to, lost or not."""
    if layer == 0:
        return scene.colour(scene.reached.inputs[0][:, :-1])
    if layer == len(scene.ticket.masks):
        return scene.colour(scene.reached.outputs[-1])
    return scene.colour(scene.reached.inputs[layer][:, :-1] | scene.reached.outputs[layer])


def _audible(scene: _Scene, layer: int) -> np.ndarray:
    """Whose ReLU would pass its bias on: hidden neurons with an unpruned bias above 0 (neurons,) bool."""
    if layer in (0, len(scene.ticket.masks)):
        return np.zeros(scene.ticket.shape[layer], dtype=bool)
    return (scene.ticket.biases[layer - 1] > 0) & (scene.structure.biases[layer - 1] != State.PRUNED)


def _names(axes: Axes, scene: _Scene) -> None:
    """Name the tasks beside their inputs and outputs, and the layers below them."""
    last = len(scene.ticket.masks)
    taken = {index for task in scene.ticket.tasks for index in task.inputs}
    noise = [index for index in range(scene.ticket.shape[0]) if index not in taken]
    sides = [(task.name, list(task.inputs), list(task.outputs)) for task in scene.ticket.tasks] + [("noise", noise, [])]
    for number, (name, *blocks) in enumerate(sides):
        colour = COLOURS[number % len(COLOURS)] if number < len(scene.ticket.tasks) else ZOMBIE
        for layer, block, side in ((0, blocks[0], "right"), (last, blocks[1], "left")):
            if block:
                style = {"ha": side, "va": "center", "color": colour, "fontsize": 10, "fontweight": "bold"}
                at, away = (layer, scene.place.y[layer][block].mean()), (-14 if layer == 0 else 14, 0)
                axes.annotate(name, at, away, textcoords="offset points", annotation_clip=False, **style)
    for layer, states in enumerate(scene.structure.neurons):
        name = "inputs" if layer == 0 else "outputs" if layer == last else f"hidden {layer}"
        text = f"{name}\n{int((states == State.ACTIVE).sum())} of {len(states)} active"
        axes.annotate(
            text, (layer, 0), (0, -6), ("data", "axes fraction"), "offset points", ha="center", va="top", fontsize=8
        )


def _title(figure: Figure, scene: _Scene, drawn: int) -> None:
    ticket, row = scene.ticket, scene.structure.columns()
    total = sum(mask.size for mask in ticket.masks)
    kept = total - int(row["pruned_weights"] or 0)
    status = ticket.row.get("status") or scene.structure.status
    rest = "" if drawn == kept else f", the {drawn:,} largest drawn"
    head = f"seed {ticket.seed}, level {ticket.level}: {status} ({scene.structure.partition})"
    weights = f"{kept:,} of {total:,} weights kept{rest}: " + _counts(row, "weights")
    figure.text(0.5, 1 - 0.12 / figure.get_figheight(), head, ha="center", va="top", fontsize=12, fontweight="bold")
    text = f"{weights}\nhidden neurons: {_counts(row, 'neurons')}"
    figure.text(0.5, 1 - 0.38 / figure.get_figheight(), text, ha="center", va="top", fontsize=9)


def _counts(row: dict, what: str) -> str:
    return ", ".join(f"{row[f'{state}_{what}']:,} {state}" for state in ("active", "zombie", "inactive"))


def _legend(figure: Figure, scene: _Scene) -> None:
    """Tasks and states below the picture; of what is no task only what occurs."""
    names = [(task.name, COLOURS[index % len(COLOURS)]) for index, task in enumerate(scene.ticket.tasks)]
    handles = [Line2D([], [], color=colour, marker="o", lw=2, label=name) for name, colour in names]
    if any(len(part) > 1 for part in scene.structure.parts):
        handles.append(Line2D([], [], color=SHARED, marker="o", lw=2, label="several tasks"))
    states = np.concatenate(scene.structure.neurons)
    if (states == State.ZOMBIE).any():
        look = {"color": ZOMBIE, "marker": "D", "ls": (0, (4, 2)), "ms": 5}
        if scene.structure.columns()["audible_zombies"]:
            handles.append(Line2D([], [], label="zombie, audible", **look))
        handles.append(Line2D([], [], label="zombie, silent", mfc="white", **look))
    if (states == State.INACTIVE).any():
        handles.append(Line2D([], [], color=INACTIVE, marker="x", ls=":", label="inactive"))
    inches = sum(0.47 + 0.07 * len(str(handle.get_label())) for handle in handles)
    columns = math.ceil(len(handles) / math.ceil(inches / figure.get_figwidth()))
    figure.legend(
        handles=handles, loc="lower center", ncols=columns, frameon=False, fontsize=9, columnspacing=1.4, borderpad=0
    )
