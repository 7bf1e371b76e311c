"""Whole runs: what everything around the bare stack costs, how levels shrink, and what a plain loop would need."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from lth.bench.loops import plain_loop
from lth.bench.research import seconds_of_analyses
from lth.bench.timed import Seconds, timed
from lth.command.compose import compose
from lth.jobs.plan import prepare
from lth.jobs.split import job_of
from lth.training.job import Job
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.module import StackModule
from lth.training.pruning import prune_and_restart
from lth.training.train import train


def job(folder: Path, *overrides: str) -> Job:
    """The job of a command line."""
    return job_of(prepare(compose(["tracking=off", *overrides]), folder), "cpu")


def bare_run(job: Job) -> tuple[float, list[float]]:
    """All levels without Lightning, analysis and recording: seconds in all, and of each level."""
    model = StackedMLP(job.widths, initial_rows(job.widths, job.seeds, job.init, job.bias_init, dtype=job.dtype))
    module = StackModule(model, job.seeds, job.recipe)
    places, levels = list(range(len(job.seeds))), []
    for segment in job.segments:
        began = time.perf_counter()
        if segment.prunes:
            prune_and_restart(job, model, places, segment)
        module.start_segment(dict.fromkeys(places, segment))
        while module.training_seeds:
            module.training_step(0, 0)
        levels.append(time.perf_counter() - began)
    return sum(levels), levels


def program(folder: Path | str, *overrides: str) -> tuple[float, pd.DataFrame]:
    """The whole program in a process of its own: seconds, and its levels."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "lth.run", *overrides, f"hydra.run.dir={folder}"], check=True, capture_output=True
    )
    spent = time.perf_counter() - began
    return spent, pd.read_parquet(Path(folder) / "levels.parquet")


def overhead(repeats: int) -> list[dict[str, Any]]:
    """Rung 9 with 16 seeds: the program on one worker against its bare stack, taking turns; medians of seconds.

    *job* is what a worker does, once everything is imported: Lightning, analysis, tickets and tables, no pictures.
    """
    given = ("model.hidden=57", "seed=0..15")
    others = {
        "program": (),
        "program, no W&B": ("tracking=off",),
        "no W&B, no pictures": ("tracking=off", "pictures=false"),
    }
    figures: dict[str, list[Seconds]] = {name: [] for name in ("bare stack", "job", *others)}
    trains: dict[str, Callable[[Job], object]] = {"bare stack": bare_run, "job": _in_silence}
    for _ in range(repeats):
        for name, train_it in trains.items():
            with tempfile.TemporaryDirectory() as folder:
                prepared, began, before = job(Path(folder), *given), time.perf_counter(), time.process_time()
                train_it(prepared)
                figures[name].append(Seconds(time.perf_counter() - began, time.process_time() - before))
        for name, more in others.items():
            with tempfile.TemporaryDirectory() as folder:
                command = [sys.executable, "-m", "lth.run", *given, "trainer.workers=1", *more]
                figures[name].append(timed([*command, f"hydra.run.dir={folder}/run"]))
    return [_beside("bare stack", name, figures) for name in figures]


def _in_silence(job: Job) -> None:
    train(job, lambda _: None)


def _beside(base: str, name: str, figures: dict[str, list[Seconds]]) -> dict[str, Any]:
    row: dict[str, Any] = {"what": name}
    for what in ("clock", "processor"):
        found, of = (statistics.median(getattr(one, what) for one in figures[of]) for of in (name, base))
        row |= {f"{what}, seconds": found, f"{what}, over {base}": found / of}
    return row


def whole_runs() -> list[dict[str, Any]]:
    """Rungs 9, 14 and 19 with 4 seeds on one worker, against a plain loop with networkx analysis.

    The latter is extrapolated: the plain loop's time per epoch times the same epochs, and the analysis of seed 0's
    tickets times the seeds, large tickets from the time per weight of smaller ones. Both are measured right after.
    """
    rows = []
    for rung, hidden in ((9, 57), (14, 154), (19, 410)):
        with tempfile.TemporaryDirectory() as folder:
            spent, levels = program(folder, f"model.hidden={hidden}", "seed=0..3", "trainer.workers=1")
            keeps = dict(zip(levels["level"].tolist(), levels["keep"].tolist(), strict=True))
            analysis = 4 * seconds_of_analyses(Path(folder), 0, keeps)
        dataset = job(Path(), f"model.hidden={hidden}").dataset
        epochs = int(levels["epochs"].sum())
        plain = epochs * statistics.median(plain_loop(dataset, hidden, 5)[0] / 5 for _ in range(3))
        rows.append({"rung": rung, "hidden": hidden, "seconds": spent, "seed-steps": epochs * 16, "plain loop": plain,
                     "its analysis": analysis, "times faster": (plain + analysis) / spent})  # fmt: skip
    return rows


def levels(hidden: int) -> list[dict[str, Any]]:
    """The time of every level of a run of one seed, and of all of them in units of the dense one."""
    with tempfile.TemporaryDirectory() as folder:
        given = replace(job(Path(folder), f"model.hidden={hidden}"), seeds=(0,))
        total, spent = bare_run(given)
    rows: list[dict[str, Any]] = [
        {"level": level, "keep": keep, "seconds": seconds, "over level 0": seconds / spent[0]}
        for level, (keep, seconds) in enumerate(zip(given.keeps, spent, strict=True))
    ]
    return [*rows, {"level": "all", "keep": "", "seconds": total, "over level 0": total / spent[0]}]


def sweep(seeds: str, folder: Path) -> list[dict[str, Any]]:
    """The main sweep, hidden sizes 8 to 1310, as one command on all cores: its time, work and memory."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    given = ("-m", "model.hidden=8,..,1310", f"seed={seeds}", "tracking=off", f"hydra.sweep.dir={folder}")
    subprocess.run([sys.executable, "-m", "lth.run", *given], check=True, stdout=subprocess.DEVNULL)
    spent, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    table = pd.concat(pd.read_parquet(path, columns=["epochs"]) for path in folder.glob("*/levels.parquet"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    steps = int(table["epochs"].sum()) * 16
    return [{"levels trained": len(table), "minutes": spent / 60, "seed-steps": steps, "seed-steps/s": steps / spent,
             "cores": len(os.sched_getaffinity(0)), "CPU minutes of the main process": cpu / 60}]  # fmt: skip


def peak_memory() -> float:
    """Gigabytes that this process and the largest of its children have held at most."""
    return sum(
        resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ) / 2**20  # fmt: skip


def threads() -> int:
    """PyTorch's threads, which must be one for a comparison."""
    torch.set_num_threads(1)
    return torch.get_num_threads()
