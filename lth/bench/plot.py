"""The picture of the throughput table: seed-steps per second against the size of the network and of the stack."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#56B4E9",
    "#CC79A7",
)  # Okabe and Ito: told apart by colour-blind readers too


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw each contestant's dense rate, one seed and sixteen, over the hidden size, both axes logarithmic."""
    figure = Figure(figsize=(5.5, 4), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="hidden neurons per layer", ylabel="seed-steps / s")
    dense = [row for row in rows if row["density"] == 1]
    contestants = [
        name for name in ("kernel", "torch", "jax", "plain", "lightning") if any(name in row for row in dense)
    ]
    for name, colour in zip(contestants, COLOURS, strict=False):
        for seeds, style in ((1, "-"), (16, "--")):
            points = [(row["hidden"], row[name]) for row in dense if row["seeds"] == seeds and row.get(name)]
            if points:
                axes.plot(*zip(*points, strict=True), style, marker="o", color=colour, label=f"{name}, {seeds} seeds")
    hidden = sorted({row["hidden"] for row in rows})
    axes.set_xticks(hidden, [str(size) for size in hidden])
    axes.minorticks_off()
    axes.legend(frameon=False, fontsize="small")
    FigureCanvasAgg(figure).print_png(str(path))
