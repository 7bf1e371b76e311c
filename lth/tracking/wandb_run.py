"""A seed's run in W&B, offline in the run folder or online."""

from __future__ import annotations

import shutil
from pathlib import Path

from lth.tracking.protocol import Opening, Values
from lth.tracking.service import open_run


class WandbRun:
    """See SeedRun; `level` is the step metric of every column."""

    def __init__(self, opening: Opening, *, online: bool) -> None:
        tracking = opening.tracking
        self._opening = opening
        self._run = open_run(
            online=online,
            id=opening.id,
            name=opening.name,
            dir=str(opening.folder),
            project=tracking.project,
            entity=tracking.entity,
            group=opening.group,
            job_type=tracking.job_type,
            tags=list(tracking.tags),
            notes=tracking.notes,
            config=opening.config,
        )
        self._defined: set[str] = set()

    def row(self, level: int, values: Values) -> None:
        """See SeedRun."""
        for name in values:
            self._define(name, None if name == "level" else "level")
        self._run.log({name: value for name, value in values.items() if value is not None})

    def epoch(self, total: int, values: Values) -> None:
        """See SeedRun."""
        self._define("epoch/*", "epoch/total")
        self._run.log(dict(values))

    def picture(self, level: int, path: Path) -> None:
        """See SeedRun."""
        import wandb

        self._run.log({"ticket": wandb.Image(str(path), caption=f"level {level}")})

    def ticket(self, level: int, path: Path) -> None:
        """See SeedRun."""
        import wandb

        about = {"seed": self._opening.seed, "level": level}
        artifact = wandb.Artifact(f"ticket-{self._opening.id}", "ticket", metadata=about)
        artifact.add_file(str(path), policy="immutable")
        self._run.log_artifact(artifact)

    def end(self, summary: Values, *, finished: bool) -> None:
        """See SeedRun; folders of the same run that an interrupted process left are removed."""
        self._run.summary.update({name: value for name, value in summary.items() if value is not None})
        current = Path(self._run.dir).parent
        self._run.finish(exit_code=0 if finished else 1)
        for earlier in (self._opening.folder / "wandb").iterdir():
            ours = "run-" in earlier.name and earlier.name.endswith(f"-{self._opening.id}")
            if ours and earlier.name != current.name and not earlier.is_symlink():
                shutil.rmtree(earlier)  # the new run holds all its levels

    def abandon(self) -> None:
        """See SeedRun."""
        self._run.finish(exit_code=1)

    def _define(self, name: str, step: str | None) -> None:
        if name not in self._defined:
            self._run.define_metric(name, step_metric=step)
            self._defined.add(name)
