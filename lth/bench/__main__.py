"""`python -m lth.bench [table…]` measures and prints tables, and keeps all of them in bench.json and bench.png.

Tables: throughput, threshold, roofline, pieces, structure, overhead, jobs, targets, chains, methods, runs, levels,
sweep, results, gpu, tracking, memory; without a name the first seven.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lth.bench.chains import NoCheckoutError, chains
from lth.bench.collected import collected
from lth.bench.gpu import NoGPUError, on_gpu
from lth.bench.jobs import jobs
from lth.bench.memory import NoImagesError, memory
from lth.bench.methods import methods
from lth.bench.plot import plot
from lth.bench.roofline import pieces, roofline, targets
from lth.bench.runs import job, levels, overhead, peak_memory, sweep, threads, whole_runs
from lth.bench.structure import analysis
from lth.bench.threshold import threshold
from lth.bench.throughput import NoKernelError, throughput
from lth.bench.tracking import NoServerError, tracking
from lth.terminal import run

QUICK = ("throughput", "threshold", "roofline", "pieces", "structure", "overhead", "jobs")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the tables asked for; 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="python -m lth.bench", description=__doc__)
    parser.add_argument(
        "tables",
        nargs="*",
        help="throughput threshold roofline pieces targets structure overhead jobs chains methods runs levels sweep "
        "results gpu tracking memory",
    )
    parser.add_argument("--seconds", type=float, default=0.5, help="length of one throughput measurement")
    parser.add_argument("--repeats", type=int, default=3, help="repeats of overhead and tracking")
    parser.add_argument("--hidden", type=int, default=1310, help="hidden size of the levels table")
    parser.add_argument("--seeds", default="0..3", help="seeds of sweep, tracking and memory")
    parser.add_argument("--folder", type=Path, default=Path("multirun/main-sweep"), help="folder of the sweep")
    parser.add_argument("--jobs", default="100,1000", help="jobs of the sweeps of the jobs table, 10000 say")
    parser.add_argument("--folders", type=int, default=3000, help="run folders of the results table")
    parser.add_argument("--data", type=Path, default=Path("data"), help="the images of the memory table (make data)")
    parser.add_argument("--before", type=Path, help="checkout of another version, for the chains table")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    given = parser.parse_intermixed_args(arguments)
    dataset = job(Path()).dataset
    known: dict[str, tuple[str, Callable[[], list[dict[str, Any]]]]] = {
        "throughput": (
            "seed-steps per second of processor time, one core: kernel, PyTorch's path, JAX, plain loop, Lightning",
            lambda: throughput(dataset, given.seconds),
        ),
        "structure": ("milliseconds of a ticket's analysis, (4, 1310, 1310, 2)", lambda: analysis(dataset)),
        "threshold": (
            "kernel, one seed: every layer walked weight by weight, over every layer dense",
            lambda: threshold(dataset, given.seconds),
        ),
        "roofline": (
            "what bounds the kernel's dense seed-step: seed-steps/s of processor time allowed and reached",
            lambda: roofline(dataset, given.seconds),
        ),
        "pieces": ("the kernel's dense pieces: billions of multiply-adds a second; Adam in ns a weight", pieces),
        "targets": (
            "the kernel by levels of x86-64: seed-steps/s of processor time",
            lambda: targets(dataset, given.seconds),
        ),
        "chains": (
            f"whole runs, one worker, beside {given.before}; seconds, medians of {given.repeats}",
            lambda: chains(given.before, given.repeats),
        ),
        "methods": ("every preset of conf/pruning: processor time of one seed's epoch, hidden 38", methods),
        "overhead": ("rung 9, 16 seeds: everything around the bare stack", lambda: overhead(given.repeats)),
        "gpu": ("seed-steps/s of PyTorch's path on a GPU", lambda: on_gpu(dataset, given.seconds)),
        "runs": ("whole runs of 4 seeds, one worker", whole_runs),
        "sweep": (f"the main sweep, seeds {given.seeds}", lambda: sweep(given.seeds, given.folder)),
        "tracking": (
            f"what W&B costs: hidden 20, seeds {given.seeds}, one worker, medians of {given.repeats}",
            lambda: tracking(given.repeats, 20, given.seeds),
        ),
        "jobs": (
            "sweeps until their first job could start, nothing trained: one core, 256 open files",
            lambda: jobs([int(count) for count in given.jobs.split(",")]),
        ),
        "results": ("run folders as one table", lambda: collected(given.folders)),
        "memory": (
            f"MNIST and Fashion-MNIST side by side, seeds {given.seeds}, two workers: the most that is held",
            lambda: memory(given.data, given.seeds),
        ),
        "levels": (f"one seed, hidden {given.hidden}: every level, bare stack", lambda: levels(given.hidden)),
    }
    unknown = [name for name in given.tables if name not in known]
    if unknown:
        print(f"tables={','.join(unknown)}: must be among {', '.join(known)}", file=sys.stderr)
        return 2
    try:
        _measure({name: known[name] for name in given.tables or QUICK}, given.json)
    except (NoCheckoutError, NoGPUError, NoImagesError, NoKernelError, NoServerError) as missing:
        print(missing, file=sys.stderr)
        return 2
    return 0


def _measure(tables: dict[str, tuple[str, Callable[[], list[dict[str, Any]]]]], path: Path) -> None:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    console = Console(width=160)
    for name, (title, measure) in tables.items():
        machine = {"threads": threads(), "machine": platform.machine(), "python": platform.python_version()}
        rows = measure()
        if name == "throughput":
            plot(rows, path.with_suffix(".png"))
        _print(console, title, rows)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        found[name] = {"title": title, "rows": rows, "at": at, **machine, "peak_gigabytes": peak_memory()}
        path.write_text(json.dumps(found, indent=1) + "\n")
    console.print(f"peak memory {peak_memory():.2f} GB; all figures are in {path}")


def _print(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    table = Table(title=title, title_justify="left")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(_shown(row.get(name, "")) for name in columns))
    console.print(table)


def _shown(value: Any) -> str:
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(run(main))
