"""What a start says before anything is built: the folder, what will run and from which keys, by what, and how long."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lth.jobs.devices import accelerator_of, trained_by, workers_for
from lth.jobs.estimate import Estimate, estimate
from lth.jobs.plan import Outline
from lth.settings import shape, write_seeds
from lth.terminal import heard

WIDTH = 78
_NAME = 9  # letters of what stands before each line
_SHOWN = 8  # keeps of a trajectory that are written out


@dataclass(frozen=True)
class Start:
    """A start: its stacks, what was typed for all of them and what is each one's own, and what an experiment adds.

    `launcher` is what takes the stacks elsewhere, None for this machine; `left_out` keys that a sweep would go through.
    """

    folder: Path
    stacks: Sequence[Outline]
    keys: Sequence[str]
    own: Sequence[Sequence[str]]
    goes_on: bool = False
    launcher: str | None = None
    left_out: Sequence[str] = ()


def announce(start: Start, *, grid: bool = False) -> None:
    """Print it, with `grid` a line for every stack as well."""
    lines = [part for name, said in _facts(start) for part in _wrapped(name, said)]
    if grid:
        lines += ["", *_grid(start), "", "a dry run: nothing was trained, nothing was written"]
    with heard():
        print("\n".join(lines), flush=True)


def _facts(start: Start) -> Iterator[tuple[str, str]]:
    stacks = start.stacks
    seeds = list(dict.fromkeys(known.settings.seed for known in stacks))
    yield "folder", f"{start.folder}{', which goes on' if start.goes_on else ''}"
    last = {one.partition("=")[0].lstrip("+~"): one for one in start.keys}  # what is typed replaces an experiment's
    chosen = [one for one in last.values() if not one.startswith(("seed=", "hydra.", "tracking"))]
    yield "stacks", f"{len(stacks)}, from {' '.join(chosen) or 'the defaults'}"
    if start.left_out:
        yield "left out", f"{' '.join(start.left_out)}: one stack has its folder named here; -m trains all of them"
    runs = sum(len(known.settings.seed) for known in stacks)
    yield "seeds", f"{write_seeds(seeds[0]) if len(seeds) == 1 else 'differing'}{_each(stacks)}, {_count(runs, 'run')}"
    yield "levels", _levels(stacks)
    accelerator = accelerator_of(stacks)
    yield "trained", _trained(start, accelerator)
    yield "tracked", _tracked(stacks)
    yield "takes", _takes(start, accelerator)


def _each(stacks: Sequence[Outline]) -> str:
    return " in each" if len(stacks) > 1 else ""


def _levels(stacks: Sequence[Outline]) -> str:
    counts = sorted({len(known.keeps) - 1 for known in stacks})
    if len(stacks) == 1:
        return f"{_count(counts[0], 'pruning')}: {trajectory(stacks[0].keeps)} weights"
    first, last = ({known.keeps[end] for known in stacks} for end in (0, -1))
    prunings = _count(counts[0], "pruning") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} prunings"
    return f"{prunings}: from {_span(first)} weights to {_span(last)}"


def _span(numbers: set[int]) -> str:
    return str(min(numbers)) if len(numbers) == 1 else f"{min(numbers)}..{max(numbers)}"


def trajectory(keeps: Sequence[int]) -> str:
    """The keeps of a stack, the middle of a long one left out."""
    if len(keeps) <= _SHOWN:
        return ", ".join(map(str, keeps))
    return f"{', '.join(map(str, keeps[:3]))}, …, {', '.join(map(str, keeps[-2:]))}"


def _trained(start: Start, accelerator: str) -> str:
    if start.launcher is not None:
        return f"through {start.launcher}, a job for each stack"
    by = "PyTorch on the GPU" if accelerator == "gpu" else _on_cpu()
    return f"by {by}, {_count(workers_for(start.stacks, accelerator), 'worker')}"


def _on_cpu() -> str:
    by = trained_by("cpu")
    return by if by != "torch" else "PyTorch, many times slower than the kernel, which is missing"


def _tracked(stacks: Sequence[Outline]) -> str:
    tracking = stacks[0].settings.tracking
    if tracking.mode == "off":
        return "nowhere (tracking=off)"
    if tracking.mode == "offline":
        return "by W&B, offline, in each run folder (tracking=off for none)"
    return f"by W&B, online, project {tracking.project}"


def _takes(start: Start, accelerator: str) -> str:
    trainer = "torch" if accelerator == "gpu" or trained_by("cpu") == "torch" else "kernel"
    whole = sum((estimate(known, trainer) for known in start.stacks), Estimate(0.0, 0.0))
    workers = workers_for(start.stacks, accelerator)
    there = ", without what is there already" if start.goes_on else ""
    if accelerator == "gpu":
        return f"about {size(whole.size)}; times on a GPU are not measured"
    if start.launcher is not None:
        return f"about {duration(whole.seconds)} of one core, {size(whole.size)}{there}"
    return f"about {duration(whole.seconds / workers)}, {size(whole.size)}{there}"


def _grid(start: Start) -> Iterator[str]:
    """A line for every stack: what is its own, its layers, its keeps, seconds of one core and bytes."""
    trainer = "torch" if trained_by("cpu") == "torch" else "kernel"
    rows = [("stack", "layers", "keeps", "one core", "disk")]
    for known, own in zip(start.stacks, start.own, strict=True):
        layers = shape(known.settings, known.dataset.inputs, known.dataset.outputs)
        found = estimate(known, trainer)
        name = " ".join(own) or "seed=" + write_seeds(known.settings.seed)
        rows.append(
            (name, "-".join(map(str, layers)), trajectory(known.keeps), duration(found.seconds), size(found.size))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _wrapped(name: str, said: str) -> list[str]:
    return textwrap.wrap(
        said, WIDTH, initial_indent=f"{name:<{_NAME}} ", subsequent_indent=" " * (_NAME + 1), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def duration(seconds: float) -> str:
    """Seconds as 40 s, 12 min or 3 h 05 min."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def size(count: float) -> str:
    """Bytes as 3 MB or 1.4 GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
