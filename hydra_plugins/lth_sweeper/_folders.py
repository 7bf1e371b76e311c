"""The folders of a sweep: its own, in which it records what it was started with, and one for each of its jobs.

Hydra leaves modules out of its search for plugins whose names begin with an underscore.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omegaconf import DictConfig, OmegaConf, open_dict

RECORD = "multirun.yaml"


class JobFolders:
    """Which job has which folder; `owned` refuses one that is another's, inside or around it, or around the sweep."""

    def __init__(self, sweep: Path) -> None:
        place = Path(os.path.realpath(sweep))
        self._owner: dict[Path, Sequence[str]] = {}
        self._around: dict[Path, Sequence[str] | None] = dict.fromkeys((place, *place.parents))

    def owned(self, folder: Path, subdir: str, cell: Sequence[str]) -> None:
        """Raise ConfigurationError unless this can be the folder of this job alone."""
        from lth.settings import ConfigurationError

        place = Path(os.path.realpath(folder))
        other = next((self._owner[one] for one in (place, *place.parents) if one in self._owner), None)
        if other is None and place in self._around:
            other = self._around[place]
            if other is None:
                raise ConfigurationError("hydra.sweep.subdir", subdir, "must be a folder of its own in hydra.sweep.dir")
        if other is not None:
            apart = " ".join(override.replace("'", "") for override in other if override not in cell)
            allowed = f"is that of the job with {apart or 'the same overrides'} too; must differ from job to job"
            raise ConfigurationError("hydra.sweep.subdir", subdir, f"{allowed}, as ${{hydra.job.num}} is")
        self._owner[place] = cell
        for above in place.parents:
            self._around.setdefault(above, cell)


def move_to(config: DictConfig, folder: Path) -> None:
    """Let the sweep and all of its jobs, which are composed again from its overrides, be recorded in this folder."""
    from lth.command.compose import quoted

    with open_dict(config):
        config.hydra.sweep.dir = str(folder)
        config.hydra.overrides.hydra.append(f"hydra.sweep.dir={quoted(str(folder))}")


@contextmanager
def recorded(folder: Path, config: DictConfig) -> Iterator[None]:
    """Record what the sweep was started with; where its first jobs are refused, what was recorded before is back."""
    from lth.files.atomic import RecordError, write_atomic
    from lth.files.foreign import content
    from lth.settings import ConfigurationError

    path = folder / RECORD
    try:
        before = content(path) if path.exists() else None
    except OSError as error:
        raise RecordError(path, error) from error
    write_atomic(path, OmegaConf.to_yaml(config).encode())
    try:
        yield
    except ConfigurationError:
        if before is None:
            path.unlink()
        else:
            write_atomic(path, before)
        raise
