"""Groups of neurons as boxes, the weights between them as bands."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from lth.ticket.picture.flow import Band, Flow
from lth.ticket.picture.groups import NONE, SEVERAL, Group
from lth.ticket.picture.scene import INACTIVE, SHARED, ZOMBIE, Scene, task_colour
from lth.ticket.picture.wires import name_layers
from lth.ticket.states import State

_HALF = 0.035  # of a box's width, in layers
_TOLD = 0.035  # share of a layer's weights from which on a band tells its number
_HALO = [withStroke(linewidth=2.5, foreground="white")]


def draw_flow(axes: Axes, scene: Scene, made: Flow) -> None:
    """Add bands, boxes and names, and set the limits."""
    for layer, mine in enumerate(made.bands):
        _add(axes, mine, layer)
    for layer, (mine, edges) in enumerate(zip(made.groups, made.edges, strict=True)):
        for group, (high, low) in zip(mine, edges, strict=True):
            _box(axes, scene, group, layer, high, low)
    for layer, mine in enumerate(made.bands):
        total = sum(band.stream.number for band in mine)
        axes.annotate(
            f"{total:,} weights", (layer + 0.5, 0), (0, -6), ("data", "axes fraction"), "offset points",
            ha="center", va="top", fontsize=8, color="#555555",
        )  # fmt: skip
    name_layers(axes, scene)
    axes.set_xlim(-0.06, scene.last + 0.06)
    axes.set_ylim(-made.height / 2 - 0.03, made.height / 2 + 0.03)


def _add(axes: Axes, mine: Sequence[Band], layer: int) -> None:
    """Add the bands between two layers, wide ones with their number of weights."""
    for one in sorted(mine, key=lambda one: (one.stream.state, -one.stream.number)):
        axes.add_patch(_path(one, layer))
        if one.wide >= _TOLD:
            axes.text(
                layer + 2.2 * _HALF, one.left - one.wide / 2, f"{one.stream.number:,}", ha="left", va="center",
                fontsize=7.5, path_effects=_HALO, zorder=6,
            )  # fmt: skip


def _path(band: Band, layer: int) -> PathPatch:
    start, end, wide, one = band.left, band.right, band.wide, band.stream
    x = [layer + _HALF, layer + 0.4, layer + 0.6, layer + 1 - _HALF]
    points = [(x[0], start), (x[1], start), (x[2], end), (x[3], end)]
    under = [(x[3], end - wide), (x[2], end - wide), (x[1], start - wide), (x[0], start - wide)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    look: dict[str, Any] = {"facecolor": code_colour(one.task), "alpha": 0.55, "linewidth": 0.5}
    if one.state != State.ACTIVE:
        grey = ZOMBIE if one.state == State.ZOMBIE else INACTIVE
        look |= {"facecolor": "white", "edgecolor": grey, "hatch": "////" if one.state == State.ZOMBIE else "...."}
    return PathPatch(Path([*points, *under, points[0]], codes), gid=f"{one.state.name.lower()} band", zorder=3, **look)


def _box(axes: Axes, scene: Scene, group: Group, layer: int, high: float, low: float) -> None:
    """Add a box: left half what reaches its neurons, right half what they reach; hollow where they are not active."""
    grey = {State.ZOMBIE: ZOMBIE, State.INACTIVE: INACTIVE}.get(group.state)
    own = {0: group.source, scene.last: group.target}.get(layer)
    for x, code in ((layer - _HALF, group.source), (layer, group.target)):
        if grey is None:
            axes.add_patch(Rectangle((x, low), _HALF, high - low, color=code_colour(code), lw=0, zorder=4))
    if grey is not None:
        edge = grey if own is None else code_colour(own)
        axes.add_patch(
            Rectangle((layer - _HALF, low), 2 * _HALF, high - low, facecolor="white", edgecolor=edge, lw=1.2, zorder=4)
        )
    axes.text(
        layer, (high + low) / 2, f"{len(group.members):,}", ha="center", va="center", fontsize=8, fontweight="bold",
        path_effects=_HALO, zorder=7, gid=f"group {layer}",
    )  # fmt: skip
    if text := _aside(scene, group, own):
        side = {"ha": "right", "x": layer - 1.6 * _HALF} if layer == 0 else {"ha": "left", "x": layer + 1.6 * _HALF}
        colour = grey if own is None and grey else code_colour(NONE if own is None else own)
        axes.text(
            y=(high + low) / 2,
            s=text,
            va="center",
            fontsize=9,
            color=colour,
            fontweight="bold",
            zorder=6,
            path_effects=_HALO,
            **side,
        )


def _aside(scene: Scene, group: Group, own: int | None) -> str:
    """What stands beside a box: at the ends whose neurons these are, inside what they are where not active."""
    if own is not None:
        name = scene.name(own)
        return name if group.state == State.ACTIVE else f"{name}, lost" if own >= 0 else f"{name}, unused"
    return "" if group.state == State.ACTIVE else group.state.name.lower()


def code_colour(code: int) -> str:
    """The colour of a task, black for several, grey for none."""
    return SHARED if code == SEVERAL else ZOMBIE if code == NONE else task_colour(code)
