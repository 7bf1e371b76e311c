"""The words above a ticket's picture: whose it is, what has become of it, and what is not drawn."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from lth.ticket.picture.scene import COLOURS, Scene
from lth.ticket.words import accuracy_words, number_left_out, status_words

_HEAD, _LINE = 0.24, 0.165  # inches per line of the heading, and of the rest
_EDGE = 0.12


@dataclass(frozen=True)
class Title:
    """The heading's lines and the others."""

    head: Sequence[str]
    rest: Sequence[str]

    @property
    def height(self) -> float:
        """Inches, with some room below."""
        return 2 * _EDGE + _HEAD * len(self.head) + _LINE * len(self.rest)


def title(scene: Scene, about: str, width: float, *, grouped: bool) -> Title:
    """The title of a picture that is so wide, in inches; `about` is the configuration in words."""
    ticket, row = scene.ticket, scene.structure.columns()
    total = sum(mask.size for mask in ticket.masks)
    head = f"seed {ticket.seed}, level {ticket.level} – {status_words(scene.structure, scene.status)}"
    lines = [
        about,
        accuracy_words(ticket),
        f"{scene.kept:,} of {total:,} weights kept: {_counts(row, 'weights')}",
        f"hidden neurons: {_counts(row, 'neurons')}",
        _left_out(scene, grouped=grouped),
    ]
    rest = [part for line in lines for part in textwrap.wrap(line, int(13.5 * width))]
    return Title(textwrap.wrap(head, int(9 * width)), rest)


def put_title(figure: Figure, made: Title) -> None:
    """Write the title at the top of the figure; dollar signs in it are no formulas."""
    at = _EDGE
    for lines, step, size, weight in ((made.head, _HEAD, 12, "bold"), (made.rest, _LINE, 9, "normal")):
        for line in lines:
            y = 1 - at / figure.get_figheight()
            figure.text(0.5, y, line, ha="center", va="top", parse_math=False, fontsize=size, fontweight=weight)
            at += step


def _counts(row: dict, what: str) -> str:
    return ", ".join(f"{row[f'{state}_{what}']:,} {state}" for state in ("active", "zombie", "inactive"))


def _left_out(scene: Scene, *, grouped: bool) -> str:
    """What the picture does not show."""
    total = sum(mask.size for mask in scene.ticket.masks)
    number, parts = number_left_out(scene.structure), ["pruned weights"] if scene.kept < total else []
    if number:
        parts.append(f"{number:,} hidden neuron{'s' * (number > 1)} without any weight")
    if grouped:
        parts.append("single weights, for they are too many to be told apart")
    text = f"not drawn: {'; '.join(parts)}" if parts else ""
    again = f"more tasks than colours: every {len(COLOURS)} tasks they begin anew"
    return "; ".join(filter(None, [text, again if len(scene.ticket.tasks) > len(COLOURS) else ""]))
