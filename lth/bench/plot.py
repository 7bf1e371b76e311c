"""The picture of the throughput table: seed-steps per second against the size of the network and of the stack."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#56B4E9", "#009E73", "#D55E00")  # Okabe and Ito: told apart by colour-blind readers too


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw stacks of each size, the plain loop and idiomatic Lightning over the hidden size, both axes logarithmic."""
    figure = Figure(figsize=(5.5, 4), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", xlabel="hidden neurons per layer", ylabel="seed-steps / s")
    sizes = sorted({int(name) for row in rows for name in row if name.isdecimal()})
    for seeds, colour in zip(sizes, COLOURS, strict=False):
        points = [(row["hidden"], row[str(seeds)]) for row in rows if str(seeds) in row]
        axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=f"stack of {seeds}")
    for name, style in (("plain", "--"), ("lightning", ":")):
        axes.plot([row["hidden"] for row in rows], [row[name] for row in rows], style, color="black", label=name)
    axes.set_xticks([row["hidden"] for row in rows], [str(row["hidden"]) for row in rows])
    axes.minorticks_off()
    axes.legend(frameon=False)
    FigureCanvasAgg(figure).print_png(str(path))
