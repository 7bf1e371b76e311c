"""What the live display shows: a bar for every stack that trains, how it goes altogether, and whether it stops."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lth.jobs.endtable import number
from lth.jobs.standing import StackProgress
from lth.jobs.wording import clock, compact
from lth.training.messages import Progress

WIDE = 110  # columns from which on there is room for everything
LONGEST_NAME = 0.3  # of the width
STOPPING = "stopping after this epoch; again to end now"


@dataclass(frozen=True)
class Row:
    """A stack that runs: where each of its workers is, what those are about that train nothing now, seconds left."""

    stack: StackProgress
    workers: Sequence[Progress]
    other: str
    left: float | None


def view(rows: Sequence[Row], lines: Sequence[str], width: int, height: int, share: float | None = None) -> Group:
    """The bars of these stacks, as many as the height has room for, and these lines below them.

    `share` of everything that is through has a bar of its own, in front of the last line; None leaves it out.
    """
    most = max(1, height - len(lines) - 3)
    shown = rows if len(rows) <= most else rows[: most - 1]
    hidden = [f"… and {len(rows) - len(shown)} more running"] if len(shown) < len(rows) else []
    below: list[RenderableType] = [Text(line, overflow="ellipsis", no_wrap=True) for line in [*hidden, *lines]]
    if share is not None and lines:
        whole = Table.grid(padding=(0, 1))
        whole.add_row(ProgressBar(total=1.0, completed=share, width=_bar(width >= WIDE)), below.pop())
        below.append(whole)
    return Group(*([_table(shown, width)] if shown else []), *below)


def _bar(wide: bool) -> int:
    return 24 if wide else 12


def _table(rows: Sequence[Row], width: int) -> Table:
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("stack", no_wrap=True, overflow="ellipsis", max_width=int(LONGEST_NAME * width))
    headings = ["", "level", *([""] if wide else []), "epoch", *(["seeds", "val loss"] if wide else [])]
    for heading in [*headings, "separated", "elapsed", "left"]:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(Text(row.stack.name), *_cells(row, wide))
    return table


def _cells(row: Row, wide: bool) -> list[ProgressBar | str]:
    """What stands beside a stack's name; level and epoch are those of the worker that is farthest behind."""
    stack = row.stack
    at = min(row.workers, key=lambda one: (one.level, -one.training, one.epoch), default=None)
    bar = ProgressBar(total=1.0, completed=stack.share(row.workers), width=_bar(wide))
    level = row.other if at is None else f"{at.level}/{at.levels}"
    epoch = "" if at is None else f"{at.epoch}" if stack.longest is None else f"{at.epoch}/{stack.longest}"
    told = [f"{len(stack.separated)}/{len(stack.seeds)}", "" if stack.elapsed is None else clock(stack.elapsed)]
    left = "" if row.left is None else f"~{clock(row.left)}"
    if not wide:
        return [bar, level, epoch, *told, left]
    within = 0.0 if at is None or not stack.longest else min(1.0, at.epoch / stack.longest)
    epochs = ProgressBar(total=1.0, completed=within, width=12)
    more = [compact(stack.seeds), "" if at is None else number(at.val_loss)]
    return [bar, level, epochs, epoch, *more, *told, left]
