"""A seed in few bytes: what the viewer needs of its tickets, zlib and base64, read by template/unpack.js."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lth.report.chain import Chain, Drawn, Network
from lth.report.found import Seed
from lth.report.grouped import grouped
from lth.report.places import places

PRUNED_BIAS = -32768
_METRICS = ("train_loss", "val_loss", "test_loss", "val_accuracy", "test_accuracy")
_COLUMNS = (
    *("keep", "weights", "epochs", "active_weights", "zombie_weights", "inactive_weights", "pruned_weights"),
    *("active_neurons", "zombie_neurons", "inactive_neurons", "audible_zombies", "components", "status", "partition"),
    *("cut", "cut_magnitude", "winning", *_METRICS),
)


def pack(seed: Seed, chain: Chain, network: Network) -> str:
    """The levels of a seed as text: an 8-byte head (its length as uint32), JSON, then the arrays it names.

    Every level is there in groups (lth/report/grouped.py); the arrays are of those drawn weight by weight. Weights are
    those that any drawn level has, as flat indices over all layers; per level one bit for each (kept or not), and for
    the kept ones sign(w) * sqrt(|w| / largest) in int8. Per level and neuron the bits of the blocks of inputs (tasks in
    order, then noise) that reach it, and of the tasks whose outputs it reaches, and biases in int16.
    """
    scale, arrays = _arrays(chain.drawn)
    head = {
        "shape": network.shape,
        "tasks": [{"name": t.name, "kind": t.kind, "inputs": t.inputs, "outputs": t.outputs} for t in network.tasks],
        "drawn": [one.ticket.level for one in chain.drawn],
        "grouped": [grouped(level) for level in chain.levels],
        "levels": _levels(seed, chain, [task.name for task in network.tasks]),
        "places": _places(chain.drawn, network.shape),
    }
    return _text(head | scale, arrays)


def _arrays(drawn: Sequence[Drawn]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The largest weight and bias, and the arrays; without any drawn level empty ones."""
    if not drawn:
        none = dict.fromkeys(("index", "kept", "value", "fed", "heard", "bias", "cut"), np.zeros(0, np.uint8))
        return {"largest": 0.0, "loudest": 0.0}, none | {"index": np.zeros(0, "<u4")}
    kept = np.stack([_flat(one.ticket.masks) for one in drawn])
    index = np.flatnonzero(kept.any(axis=0))
    weights = [np.nan_to_num(_flat(one.ticket.weights)[index].astype(float)) for one in drawn]
    largest = max(max(np.abs(values).max(initial=0) for values in weights), 1e-30)
    biases = [_biases(one) for one in drawn]
    loudest = max(float(np.nanmax(np.abs(np.stack(biases)), initial=0)), 1e-30)
    return {"largest": largest, "loudest": loudest}, {
        "index": np.diff(index, prepend=0).astype("<u4"),
        "kept": np.packbits(kept[:, index], axis=1),
        "value": np.concatenate([_small(w, largest)[k] for w, k in zip(weights, kept[:, index], strict=True)]),
        "fed": np.stack([_bits(one.reached.inputs) for one in drawn]),
        "heard": np.stack([_bits(one.reached.outputs) for one in drawn]),
        "bias": np.stack([_whole(values, loudest) for values in biases]),
        "cut": np.packbits(np.stack([_flat(one.cut)[index] for one in drawn]), axis=1),
    }


def _places(drawn: Sequence[Drawn], shape: Sequence[int]) -> list[list[float | None]]:
    """Height of every neuron per layer, null for those that no drawn level has."""
    if not drawn:
        return [[None] * size for size in shape]
    return [[None if math.isnan(y) else round(y, 4) for y in layer.tolist()] for layer in places(drawn)]


def _text(head: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """Head and arrays in one compressed text; each array starts at a multiple of 4."""
    blocks, offset, named = [], 0, {}
    for name, array in arrays.items():
        named[name] = {"type": f"{array.dtype.kind}{array.dtype.itemsize}", "at": offset, "length": array.size}
        block = array.tobytes()
        blocks.append(block + bytes(-len(block) % 4))
        offset += len(blocks[-1])
    text = json.dumps({**head, "arrays": named}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return base64.b64encode(zlib.compress(len(text).to_bytes(4, "little") + text + b"".join(blocks), 9)).decode()


def _levels(seed: Seed, chain: Chain, tasks: Sequence[str]) -> dict[str, list[Any]]:
    """Counts, losses and accuracies of every level, with a ticket or not, column by column."""
    rows = {**seed.rows, **{one.number: one.row for one in chain.levels}}
    names = [*_COLUMNS, *(f"{metric}_{task}" for task in tasks for metric in _METRICS)]
    found = {name: [_plain(rows[level].get(name)) for level in sorted(rows)] for name in names}
    return {"level": sorted(rows)} | {name: values for name, values in found.items() if set(values) != {None}}


def _plain(value: Any) -> Any:
    """A number of five digits, a bool or a short text; anything else is None."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        whole = isinstance(value, (int, np.integer))
        return int(value) if whole else float(f"{value:.5g}") if math.isfinite(value) else None
    return value[:200] if isinstance(value, str) else None


def _flat(layers: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate([layer.ravel() for layer in layers])


def _small(values: np.ndarray, largest: float) -> np.ndarray:
    """Square roots keep the small ones apart: of a weight of 1 % of the largest the error is 8 %, not 50 %."""
    return np.rint(127 * np.sign(values) * np.sqrt(np.abs(values) / largest)).astype(np.int8)


def _biases(one: Drawn) -> np.ndarray:
    """The biases of all neurons behind the inputs, not a number where pruned."""
    values = _flat(one.ticket.biases).astype(float)
    values = np.where(np.isfinite(values), values, 0.0)
    return values if one.ticket.bias_masks is None else np.where(_flat(one.ticket.bias_masks), values, np.nan)


def _whole(values: np.ndarray, loudest: float) -> np.ndarray:
    scaled = np.rint(np.nan_to_num(values) / loudest * 32767)
    return np.where(np.isnan(values), PRUNED_BIAS, scaled).astype("<i2")


def _bits(layers: Sequence[np.ndarray]) -> np.ndarray:
    """(neurons, blocks) bool per layer as one uint32 per neuron, block k in bit k."""
    bits = [layer.astype(np.uint32) @ (1 << np.arange(layer.shape[1])) for layer in layers]
    return np.concatenate(bits).astype("<u4")
