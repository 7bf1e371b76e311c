"""The ticket file: masks, anchor and trained weights of one seed at one level, in safetensors.

The file is the commit point of a run: a level is finished exactly when its ticket is there and whole, so the chain of
a seed's tickets says where to resume.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lth.data.dataset import Task
from lth.record.atomic import set_aside, write_atomic
from lth.ticket.seal import seal, unseal

_PARTS = {"mask": "masks", "weight": "weights", "bias": "biases", "anchor": "anchors", "anchor_bias": "anchor_biases"}
_NAME = re.compile(r"level=(\d+)\.safetensors")


class TicketError(ValueError):
    """A file that is not a whole ticket; the message says which file and why."""


@dataclass(frozen=True, eq=False)
class Ticket:
    """One seed at one level: what was kept, what it was trained from, what came of it.

    Per layer: masks (out, in) bool; weights (trained, masked) and anchors (out, in) float32 or float64; biases and
    anchor_biases (out,); bias_masks (out,) bool only where biases are prunable. `row` is the row of levels.parquet,
    `epochs` (E, 3) float64 the train loss, validation loss and validation accuracy of every epoch.
    """

    masks: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    anchors: tuple[np.ndarray, ...]
    anchor_biases: tuple[np.ndarray, ...]
    bias_masks: tuple[np.ndarray, ...] | None
    seed: int
    level: int
    tasks: tuple[Task, ...]
    config_hash: str
    row: dict[str, Any]
    epochs: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons per layer, from the inputs to the outputs."""
        return (self.masks[0].shape[1], *(mask.shape[0] for mask in self.masks))


@dataclass(frozen=True, eq=False)
class Chain:
    """The unbroken chain of levels 0..L of one seed: its last ticket, every level's row and epochs (E, 3).

    `set_aside` names the files that were renamed to *.broken, `reason` says in one line why the first one was.
    """

    last: Ticket | None
    rows: tuple[dict[str, Any], ...]
    epochs: tuple[np.ndarray, ...]
    set_aside: tuple[str, ...]
    reason: str | None


def path_of(folder: Path | str, seed: int, level: int) -> Path:
    """Where a run folder keeps the ticket of one seed and level."""
    return Path(folder) / "tickets" / f"seed={seed}" / f"level={level:02d}.safetensors"


def save(path: Path | str, ticket: Ticket, within: Path | None = None) -> None:
    """Write a ticket so that `path` holds either what it held before or all of it, on the disk, when this returns.

    Below `within`, the run folder, no link is written through. Raises ValueError when the ticket's arrays do not fit
    each other, TypeError when its row is not plain data, RecordError when the disk refuses.
    """
    write_atomic(Path(path), seal(_tensors(ticket), _metadata(ticket)), within)


def load(path: Path | str) -> Ticket:
    """Read a ticket back; its arrays are writable copies.

    Raises TicketError when the file is missing, truncated, changed in any byte, or no ticket.
    """
    path = Path(path)
    try:
        return _ticket(*unseal(path.read_bytes()))
    except OSError as fault:
        raise TicketError(f"{path}: cannot be read ({fault.strerror})") from None
    except LookupError as fault:
        raise TicketError(f"{path}: not a ticket (no {fault.args[0]})") from None
    except (ValueError, TypeError) as fault:
        raise TicketError(f"{path}: {fault}") from None


def chain(folder: Path | str, seed: int, config_hash: str) -> Chain:
    """Read the finished levels of a seed, lowest first, up to the first that is missing, broken or foreign.

    Foreign is a ticket of another seed, level or configuration. That file and everything after it are renamed to
    *.broken, so that the levels can be trained again and nothing is lost.
    """
    names = [(_NAME.fullmatch(path.name), path) for path in path_of(folder, seed, 0).parent.glob("level=*.safetensors")]
    found = {int(match[1]): path for match, path in names if match}
    last, reason = None, None
    rows: list[dict[str, Any]] = []
    epochs: list[np.ndarray] = []
    for level in range(max(found, default=-1) + 1):
        try:
            last = load_own(folder, seed, level, config_hash)
        except TicketError as fault:
            reason = str(fault)
            break
        rows.append(last.row)
        epochs.append(last.epochs)
    aside = tuple(set_aside(path, Path(folder)) for level, path in sorted(found.items()) if level >= len(rows))
    return Chain(last, tuple(rows), tuple(epochs), aside, reason)


def last_finished(folder: Path | str, seed: int, config_hash: str) -> Ticket | None:
    """The ticket of the highest level of the unbroken chain from level 0, or None; sets aside as `chain` does."""
    return chain(folder, seed, config_hash).last


def load_own(folder: Path | str, seed: int, level: int, config_hash: str) -> Ticket:
    """The ticket of a run folder's seed at a level; raises TicketError when it is missing, broken or foreign."""
    path = path_of(folder, seed, level)
    ticket = load(path)
    if (ticket.seed, ticket.level) != (seed, level):
        raise TicketError(f"{path}: is the ticket of seed {ticket.seed}, level {ticket.level}")
    if ticket.config_hash != config_hash:
        raise TicketError(f"{path}: was made by another configuration ({ticket.config_hash}, not {config_hash})")
    return ticket


def _tensors(ticket: Ticket) -> dict[str, np.ndarray]:
    parts = _PARTS | ({"bias_mask": "bias_masks"} if ticket.bias_masks is not None else {})
    lengths = {field: len(getattr(ticket, field)) for field in parts.values()}
    if len(set(lengths.values())) != 1 or not ticket.masks:
        raise ValueError(f"a ticket needs every part for each of its layers, not {lengths}")
    tensors = {
        f"layer{n}.{part}": array for part, field in parts.items() for n, array in enumerate(getattr(ticket, field))
    }
    tensors["epochs"] = np.asarray(ticket.epochs, dtype=np.float64)
    _check(tensors, ticket.shape)
    return tensors


def _check(tensors: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> None:
    """Raise ValueError unless every tensor has the shape and kind that the network's shape asks for."""
    for name, array in tensors.items():
        layer, _, part = name.removeprefix("layer").partition(".")
        kind = "b" if part in ("mask", "bias_mask") else "f"
        if name == "epochs":
            expected = (len(array), 3)
        else:
            out, fan_in = shape[int(layer) + 1], shape[int(layer)]
            expected = (out,) if "bias" in part else (out, fan_in)
        if array.shape != expected or array.dtype.kind != kind:
            raise ValueError(
                f"{name} is {array.shape} {array.dtype}, not {expected} {'bool' if kind == 'b' else 'float'}"
            )


def _metadata(ticket: Ticket) -> dict[str, str]:
    return {
        "shape": json.dumps(ticket.shape),
        "seed": str(int(ticket.seed)),
        "level": str(int(ticket.level)),
        "tasks": json.dumps([asdict(task) for task in ticket.tasks], default=_plain),
        "config_hash": ticket.config_hash,
        "row": json.dumps(ticket.row, default=_plain),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{value!r} of type {type(value).__name__} cannot be stored in a ticket")


def _ticket(tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> Ticket:
    shape = tuple(json.loads(metadata["shape"]))
    parts = _PARTS | ({"bias_mask": "bias_masks"} if "layer0.bias_mask" in tensors else {})
    layers = {field: tuple(tensors[f"layer{n}.{part}"] for n in range(len(shape) - 1)) for part, field in parts.items()}
    _check(tensors, shape)
    tasks = [Task(t["name"], tuple(t["inputs"]), tuple(t["outputs"]), t["kind"]) for t in json.loads(metadata["tasks"])]
    return Ticket(
        **{"bias_masks": None, **layers},
        seed=int(metadata["seed"]),
        level=int(metadata["level"]),
        tasks=tuple(tasks),
        config_hash=metadata["config_hash"],
        row=json.loads(metadata["row"]),
        epochs=tensors["epochs"],
    )
