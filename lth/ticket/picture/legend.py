"""What the marks of a ticket's picture mean: of everything that occurs in it, and of nothing else."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from lth.ticket.picture.scene import COLOURS, INACTIVE, SHARED, ZOMBIE, Scene
from lth.ticket.picture.wires import THICKEST, THINNEST, largest
from lth.ticket.states import State

_SIZE = 8.5  # points
_ROW, _LETTER, _MARK = 0.175, 0.066, 0.75  # inches

Entry = tuple[Any, str]


def legend(scene: Scene, *, grouped: bool) -> list[Entry]:
    """Marks with what they mean."""
    entries = _tasks(scene, grouped=grouped)
    return [*entries, *(_bands(scene) if grouped else _marks(scene))]


def legend_height(entries: Sequence[Entry], width: float) -> float:
    """Inches that the legend takes below a picture that is so wide."""
    return _ROW * -(-len(entries) // _columns(entries, width)) + 0.1


def put_legend(figure: Figure, entries: Sequence[Entry]) -> None:
    """Write the legend at the bottom of the figure."""
    figure.legend(
        [mark for mark, _ in entries], [text for _, text in entries], loc="lower center",
        ncols=_columns(entries, figure.get_figwidth()), frameon=False, fontsize=_SIZE, columnspacing=1.4, borderpad=0.2,
        labelspacing=0.35, handlelength=3.2, handler_map={tuple: HandlerTuple(ndivide=None, pad=0.15)},
    )  # fmt: skip


def _columns(entries: Sequence[Entry], width: float) -> int:
    longest = max(len(text) for _, text in entries)
    return max(1, min(len(entries), int(width / (_MARK + _LETTER * longest))))


def _tasks(scene: Scene, *, grouped: bool) -> list[Entry]:
    names = [
        (f"serves {task.name} alone", COLOURS[index]) for index, task in enumerate(scene.ticket.tasks[: len(COLOURS)])
    ]
    if any(len(part) > 1 for part in scene.structure.parts):
        names.append(("serves several tasks", SHARED))
    if grouped:
        return [(Patch(color=colour), name) for name, colour in names]
    return [(Line2D([], [], color=colour, marker="o", lw=2, ms=6), name) for name, colour in names]


def _marks(scene: Scene) -> list[Entry]:
    """Of single weights and neurons: widths, states, what is audible, what is lost."""
    widths = np.linspace(THINNEST, THICKEST, 3)
    lines = tuple(Line2D([], [], color=SHARED, lw=float(width)) for width in widths)
    entries: list[Entry] = [(lines, f"width: size of the weight, |w|, up to {largest(scene):.2g}")]
    hidden = range(1, scene.last)
    zombies = [scene.structure.neurons[layer] == State.ZOMBIE for layer in hidden]
    audible = [scene.audible(layer) for layer in hidden]
    look = {"color": ZOMBIE, "marker": "D", "ls": (0, (4, 2)), "ms": 5}
    if any((dead & heard).any() for dead, heard in zip(zombies, audible, strict=True)):
        entries.append((Line2D([], [], **look), "zombie, audible: no input reaches it, its bias is passed on"))
    if any((dead & ~heard).any() for dead, heard in zip(zombies, audible, strict=True)):
        entries.append((Line2D([], [], mfc="white", **look), "zombie, silent: no input reaches it, its ReLU gives 0"))
    if any((states == State.INACTIVE).any() for states in scene.structure.weights):
        entries.append((Line2D([], [], color=INACTIVE, marker="x", ls=":"), "inactive: no output hears it"))
    return entries + _ends(scene)


def _ends(scene: Scene) -> list[Entry]:
    """What is lost at both ends, in the colour of the first task."""
    entries: list[Entry] = []
    if (scene.structure.neurons[0] == State.INACTIVE).any():
        name = "× at the inputs: no output hears it" + (", lost by the task of its colour" if scene.lost(0) else "")
        entries.append((Line2D([], [], color=_first_lost(scene), marker="x", ls=""), name))
    if scene.lost(scene.last):
        mark = Line2D([], [], color=COLOURS[0], mfc="white", marker="D", ls="", ms=5)
        entries.append((mark, "hollow at the outputs: no input reaches it, lost by the task of its colour"))
    return entries


def _first_lost(scene: Scene) -> str:
    owner = scene.owner[0][scene.structure.neurons[0] == State.INACTIVE]
    task = int(owner.max())
    return COLOURS[task % len(COLOURS)] if task >= 0 else ZOMBIE


def _bands(scene: Scene) -> list[Entry]:
    """Of groups and what runs between them."""
    halves = (Patch(color=COLOURS[0]), Patch(color=COLOURS[1 % len(COLOURS)]))
    entries: list[Entry] = [
        (halves, "box: so many neurons alike; left half: reached from, right: reaches"),
        (Patch(color=SHARED, alpha=0.55), "band: so many weights, as wide as their share between two layers"),
    ]
    weights = [State(int(state)) for state in np.unique(np.concatenate([s.ravel() for s in scene.structure.weights]))]
    neurons = np.concatenate(scene.structure.neurons)
    if State.ZOMBIE in weights:
        entries.append((Patch(fc="white", ec=ZOMBIE, hatch="////"), "zombie: no input reaches it"))
    if State.INACTIVE in weights:
        entries.append((Patch(fc="white", ec=INACTIVE, hatch="...."), "inactive: no output hears it"))
    if (neurons != State.ACTIVE).any():
        entries.append((Patch(fc="white", ec=SHARED), "hollow box: neurons not active; in a task's colour: lost by it"))
    return entries
