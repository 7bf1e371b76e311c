"""What is left of a stack once what lies in its folder is counted."""

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from lth.record import summary_file
from lth.settings.seeds import LARGEST_SEED
from lth.ticket import chain
from lth.training.job import Job
from lth.training.messages import LevelDone, Warned


@dataclass(frozen=True)
class Remaining:
    """The levels that are finished already, the jobs that finish the rest, and what was set aside on the way."""

    finished: tuple[LevelDone, ...]
    jobs: tuple[Job, ...]
    warnings: tuple[Warned, ...]


def remaining(job: Job) -> Remaining:
    """Read every seed's tickets: seeds that stand at the same level go on together, finished ones not at all.

    A ticket that is broken or of another configuration is set aside with all that follow it, and trained again.
    """
    finished: list[LevelDone] = []
    warnings: list[Warned] = []
    seeds_at: dict[int, list[int]] = defaultdict(list)
    for seed in job.seeds:
        found = chain(job.folder, seed, job.config_hash, job.expected)
        rows = zip(found.rows, found.epochs, strict=True)
        finished += [LevelDone(seed, level, row, epochs) for level, (row, epochs) in enumerate(rows)]
        seeds_at[len(found.rows)].append(seed)
        if found.set_aside:
            warnings.append(Warned(f"set aside and trained again: {', '.join(found.set_aside)} ({found.reason})"))
    jobs = [
        replace(job, seeds=tuple(seeds), first_level=level)
        for level, seeds in sorted(seeds_at.items())
        if level <= job.levels
    ]
    return Remaining(tuple(finished), tuple(jobs), tuple(warnings))


def recorded_seeds(folder: Path) -> set[int]:
    """The seeds that a run folder has tickets of, or that its summary names."""
    names = {path.parent.name for path in folder.glob("tickets/seed=*/level=*.safetensors")}
    numbers = {name.partition("=")[2] for name in names}
    with suppress(OSError, ValueError):
        numbers |= set(summary_file.read(folder / "summary.json")["seeds"])
    whole = {int(number) for number in numbers if re.fullmatch(r"[0-9]{1,19}", number)}
    return {seed for seed in whole if seed <= LARGEST_SEED}
