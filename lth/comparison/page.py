"""The ranking of a comparison as a page of Markdown."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from lth.comparison.rows import RADIUS
from lth.comparison.table import AS_ACCURATE, ranked

_HOW = """Means with 95 % intervals over the data draws, n runs each. Robust: the accuracy when every input is moved
against the network by {radius} standard deviations (FGSM). A level has at most as many epochs as the command
says: where these are few, methods that restart at every level are at a disadvantage to those that go on."""
_LEVELS = """A method whose way down does not depend on where it ends tells all densities by one run, which loses at
most the share a level that conf/pruning/schedule/densities.yaml says; the others, and all where one density is asked
for, run to each by itself, at most at the rate of conf/pruning/schedule/density.yaml."""
_ORDER = """Each method with the fewest weights at which it is as accurate as dense (to {margin}), sorted by the
multiply-adds that its training took; in italics those that never are, at their best."""


def page(summary: pd.DataFrame, absent: Mapping[str, Sequence[str]], commands: Mapping[str, Sequence[str]]) -> str:
    """The ranking of every problem as a page of Markdown: what made its runs, and what it has not, in sentences."""
    parts = ["# Every way of pruning, at the same counts", _HOW.format(radius=RADIUS), _LEVELS]
    parts.append(_ORDER.format(margin=f"{AS_ACCURATE:.0%}"))
    for problem, group in ranked(summary).groupby("problem", sort=False):
        made = "Made by " + " and ".join(f"`{command}`" for command in commands[str(problem)]) + "."
        parts += [f"## {problem}", made, "\n".join(_markdown(group)), *absent.get(str(problem), ())]
    return "\n\n".join(parts) + "\n"


def _markdown(group: pd.DataFrame) -> list[str]:
    heads = (
        "method",
        "weights left",
        "accuracy",
        "minus dense",
        "robust",
        "separated",
        "active share",
        "epochs",
        "multiply-adds",
        "n",
    )
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for row in group.to_dict("records"):
        name = row["method"] if row["able"] or np.isnan(row["difference"]) else f"*{row['method']}*"
        accuracy, difference = (_told(row, quantity, 3) for quantity in ("test_accuracy", "difference"))
        cells = [name, f"{row['kept']:.1%}", accuracy, difference, f"{row['robust']:.3f}", _told(row, "separated", 2)]
        cells += [
            f"{row['active_share']:.2f}",
            f"{row['spent_epochs']:,.0f}",
            f"{row['spent_macs']:.2g}",
            str(row["n"]),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _told(row: dict, name: str, digits: int) -> str:
    if np.isnan(row[name]):
        return "-"
    return f"{row[name]:.{digits}f} [{row[f'{name}_low']:.{digits}f}, {row[f'{name}_high']:.{digits}f}]"
