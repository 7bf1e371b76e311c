"""A ticket neuron by neuron: every weight a line, every neuron a mark, tasks named at both ends."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from lth.ticket.picture.scene import INACTIVE, ZOMBIE, Scene, task_colour
from lth.ticket.states import State

THINNEST, THICKEST = 0.35, 2.25  # points, of active weights
_LINE = 13  # points that a name needs


def draw_wires(axes: Axes, scene: Scene) -> None:
    """Add weights, neurons and names, and set the limits."""
    _weights(axes, scene)
    _neurons(axes, scene)
    _names(axes, scene)
    axes.set_xlim(-0.06, scene.last + 0.06)
    axes.set_ylim(-scene.place.height - 0.5, 0.5)


def largest(scene: Scene) -> float:
    """Size of the ticket's largest weight."""
    return max(float(np.abs(np.nan_to_num(layer)).max(initial=0)) for layer in scene.ticket.weights)


def _weights(axes: Axes, scene: Scene) -> None:
    """Add the weights, one LineCollection per state, its gid the state's name."""
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
    wide = THINNEST + (THICKEST - THINNEST) * size / max(size.max(initial=0), 1e-30)
    looks: dict[State, dict[str, Any]] = {
        State.INACTIVE: {"colors": INACTIVE, "linewidths": 0.7, "linestyles": ":", "zorder": 1},
        State.ZOMBIE: {"colors": ZOMBIE, "linewidths": 0.8, "linestyles": (0, (5, 3)), "zorder": 2},
        State.ACTIVE: {"zorder": 3},
    }
    for kind, look in looks.items():
        mine = state == kind
        crowd = float(np.clip(14 / np.sqrt(max(mine.sum(), 1)), 0.06, 0.9))
        if kind == State.ACTIVE:
            look |= {"colors": list(colour[mine]), "linewidths": wide[mine]}
        axes.add_collection(LineCollection(list(line[mine]), gid=f"{kind.name.lower()} weights", alpha=crowd, **look))


def _neurons(axes: Axes, scene: Scene) -> None:
    """Add the neurons, one scatter per layer and state; its gid says which."""
    for layer, (states, y) in enumerate(zip(scene.structure.neurons, scene.place.y, strict=True)):
        served, at_end = _colours(scene, layer), layer in (0, scene.last)
        for state, marker, grey in (
            (State.INACTIVE, "x", INACTIVE),
            (State.ZOMBIE, "D", ZOMBIE),
            (State.ACTIVE, "o", None),
        ):
            mine = np.flatnonzero((states == state) & ~np.isnan(y))
            edges = [served[index] if at_end or grey is None else grey for index in mine]
            hollow = ~scene.audible(layer) & (state == State.ZOMBIE)
            faces = ["white" if hollow[index] else edge for index, edge in zip(mine, edges, strict=True)]
            paint: dict[str, Any] = {"color": edges} if marker == "x" else {"facecolors": faces, "edgecolors": edges}
            size = _diameter(scene, y[(states == State.ACTIVE) == (grey is None)])
            axes.scatter(
                np.full(len(mine), layer), y[mine], s=size**2, marker=marker, linewidths=0.9, zorder=4, clip_on=False,
                gid=f"{state.name.lower()} neurons {layer}", **paint,
            )  # fmt: skip


def _diameter(scene: Scene, y: np.ndarray) -> float:
    """Marker size in points for neurons at these heights: as large as fits between them, within reason."""
    apart = np.diff(np.sort(y[~np.isnan(y)])).min(initial=10) * scene.spacing
    return float(np.clip(0.75 * apart, 1.2, 7.5))


def _colours(scene: Scene, layer: int) -> list[str]:
    """Colour of every neuron: that of the tasks it serves, at the ends of the task it belongs to, lost or not."""
    if layer == 0:
        return scene.colour(scene.reached.inputs[0][:, :-1])
    if layer == scene.last:
        return scene.colour(scene.reached.outputs[-1])
    return scene.colour(scene.reached.inputs[layer][:, :-1] | scene.reached.outputs[layer])


def _names(axes: Axes, scene: Scene) -> None:
    """A task's name beside every unbroken row of its inputs or outputs, where there is room, and the layers' below."""
    for layer, owner, side, away in ((0, scene.owner[0], "right", -14), (scene.last, scene.owner[1], "left", 14)):
        above = np.inf
        for task, high, low in _rows(owner, scene.place.y[layer]):
            y = (high + low) / 2
            if (above - y) * scene.spacing < _LINE:
                continue
            above = y
            name, colour = scene.name(task), task_colour(task) if task >= 0 else ZOMBIE
            axes.annotate(
                name, (layer, y), (away, 0), textcoords="offset points", annotation_clip=False, ha=side, va="center",
                color=colour, fontsize=10, fontweight="bold", gid=f"name {layer}",
            )  # fmt: skip
    name_layers(axes, scene)


def _rows(owner: np.ndarray, y: np.ndarray) -> list[tuple[int, float, float]]:
    """Unbroken rows of one task's neurons from the top: the task, the heights of the first and the last."""
    rows: list[tuple[int, float, float]] = []
    for index in np.argsort(-y, kind="stable"):
        task, at = int(owner[index]), float(y[index])
        if rows and rows[-1][0] == task:
            rows[-1] = (task, rows[-1][1], at)
        else:
            rows.append((task, at, at))
    return rows


def name_layers(axes: Axes, scene: Scene) -> None:
    """Name the layers below the picture, with how many of their neurons are active."""
    for layer, states in enumerate(scene.structure.neurons):
        name = "inputs" if layer == 0 else "outputs" if layer == scene.last else f"hidden {layer}"
        text = f"{name}\n{int((states == State.ACTIVE).sum())} of {len(states)} active"
        axes.annotate(
            text, (layer, 0), (0, -6), ("data", "axes fraction"), "offset points", ha="center", va="top", fontsize=8
        )
