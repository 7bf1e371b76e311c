"""A seed's run as TensorBoard's event files, in the run folder: `tensorboard --logdir` of any folder above shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lth.tracking.protocol import Opening, Values


class TensorBoardRun:
    """See SeedRun; TensorBoard takes no files, so that the ticket is only where it is."""

    def __init__(self, opening: Opening) -> None:
        from torch.utils.tensorboard import SummaryWriter

        place = opening.folder / "tensorboard" / f"seed={opening.seed}"
        for earlier in place.glob("events.out.tfevents.*"):
            earlier.unlink()
        self._writer = SummaryWriter(str(place))
        tracking, self._level = opening.tracking, 0
        about = {"name": opening.name, "group": opening.group, "project": tracking.project, "tags": tracking.tags}
        about |= {"job_type": tracking.job_type, "notes": tracking.notes, "config": opening.config}
        self._writer.add_text("run", f"```\n{json.dumps(about, indent=1)}\n```")

    def row(self, level: int, values: Values) -> None:
        """See SeedRun."""
        self._level = level
        for name, value in values.items():
            self._add(name, value, level)

    def epoch(self, total: int, values: Values) -> None:
        """See SeedRun."""
        for name, value in values.items():
            self._add(name, value, total)

    def picture(self, level: int, path: Path) -> None:
        """See SeedRun."""
        from matplotlib.image import imread

        self._writer.add_image("ticket", imread(path)[..., :3], level, dataformats="HWC")

    def ticket(self, level: int, path: Path) -> None:
        """See SeedRun."""

    def end(self, summary: Values, *, finished: bool) -> None:
        """See SeedRun."""
        self.row(self._level, summary)
        self._writer.close()

    def abandon(self) -> None:
        """See SeedRun."""
        self._writer.close()

    def _add(self, name: str, value: Any, step: int) -> None:
        if isinstance(value, str):
            self._writer.add_text(name, value, step)
        elif isinstance(value, int | float):
            self._writer.add_scalar(name, value, step)
