"""One seed after another, over one-thread processes: what a table takes from the tickets of each of them."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from lth.collect.sweep import Sweep, fronted, local
from lth.ticket import Ticket, TicketError, load_own, path_of

_FEW = 100  # tickets that one process reads before others would have started
_NAME = re.compile(r"level=(\d+)\.safetensors")


@dataclass(frozen=True)
class Seed:
    """One seed of one run folder; `levels` are those whose tickets are there, without a gap from 0 on."""

    folder: Path
    number: int
    levels: tuple[int, ...]
    config_hash: str
    degrade_on: Any
    front: dict[str, Any]
    faults: list[str] = field(default_factory=list)
    networks: set[Any] = field(default_factory=set)  # of the tickets read so far, which all have one

    def tickets(self, levels: Sequence[int] | None = None) -> Iterator[Ticket]:
        """The tickets of these levels, or of all; the first that cannot be read ends them and is named in `faults`."""
        for level in self.levels if levels is None else levels:
            try:
                ticket = load_own(self.folder, self.number, level, self.config_hash)
            except TicketError as fault:
                self.faults.append(str(fault))
                return
            self.networks.add((ticket.shape, ticket.tasks))
            if len(self.networks) > 1:
                self.faults.append(f"{path_of(self.folder, self.number, level)}: is of another network than the others")
                return
            yield ticket


Work = Callable[[Seed], pd.DataFrame]


def each_seed(sweep: Sweep, work: Work, workers: int) -> pd.DataFrame:
    """What `work` makes of every seed, below each other, with run, keys and seed in front; faults in `.attrs`.

    `work` is a function at the top of its module, or a partial of one. Many seeds are shared out to
    `workers` processes.
    """
    seeds = list(_seeds(sweep))
    if sum(len(seed.levels) for seed in seeds) > _FEW and workers > 1:
        # The heavy ones first, so that no process is left alone with one.
        order = sorted(seeds, key=_size, reverse=True)
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
            done = list(pool.map(partial(_one, work), order))
    else:
        done = [_one(work, seed) for seed in seeds]
    table = fronted([front for front, _, _ in done], [frame for _, frame, _ in done], ["run", *sweep.keys, "seed"])
    table.attrs["faults"] = sorted({local(fault, sweep.tops) for _, _, faults in done for fault in faults})
    return table


def _one(work: Work, seed: Seed) -> tuple[dict[str, Any], pd.DataFrame, list[str]]:
    return seed.front, work(seed), seed.faults


def _one_thread() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides what is stopped
    os.environ["OMP_NUM_THREADS"] = "1"


def _seeds(sweep: Sweep) -> Iterator[Seed]:
    for folder in sweep.folders:
        values = {key: folder.configuration.get(key) for key in sweep.keys}
        degrade_on = folder.configuration.get("ticket.degrade_on") or "both"
        for number in folder.seeds:
            front = {"run": folder.name, **values, "seed": number}
            levels = _levels(folder.path, number)
            yield Seed(folder.path, number, levels, str(folder.config_hash), degrade_on, front)


def _levels(folder: Path, seed: int) -> tuple[int, ...]:
    names = (_NAME.fullmatch(path.name) for path in path_of(folder, seed, 0).parent.glob("level=*.safetensors"))
    found = {int(name[1]) for name in names if name}
    return tuple(range(next((level for level in range(len(found)) if level not in found), len(found))))


def _size(seed: Seed) -> int:
    return sum(path_of(seed.folder, seed.number, level).stat().st_size for level in seed.levels)
