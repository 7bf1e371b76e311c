"""Masks, weights and tasks as people have them, numpy's or torch's, and whole modules that torch has pruned."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lth.data.dataset import Task

if TYPE_CHECKING:
    from lth.ticket.contents import Ticket


class Given(NamedTuple):
    """Masks (out, in) bool, weights (out, in) and biases (out,) per layer; the latter two None where unknown."""

    masks: tuple[np.ndarray, ...]
    weights: tuple[np.ndarray, ...] | None
    biases: tuple[np.ndarray, ...] | None


def network_of(masks: Any, weights: Sequence[Any] | None = None, biases: Sequence[Any] | None = None) -> Given:
    """What was given, as arrays of numpy. A torch module has its own weights, and is masked where torch pruned it.

    Raises ValueError for masks that are not bool nor 0 and 1, and for modules of other layers than nn.Linear.
    """
    if hasattr(masks, "named_modules"):
        return _of_module(masks)
    if hasattr(masks, "shape"):
        raise ValueError(f"masks must be one (out, in) array per layer, not one array {tuple(masks.shape)}")
    kept = tuple(_mask(layer, mask) for layer, mask in enumerate(masks))
    own = None if weights is None else tuple(map(_array, weights))
    added = None if biases is None else tuple(map(_array, biases))
    _check_shapes("weights", own, [mask.shape for mask in kept])
    _check_shapes("biases", added, [mask.shape[:1] for mask in kept])
    return Given(kept, own, added)


def tasks_of(tasks: Sequence[Task] | Mapping[str, Sequence[Any]] | None, inputs: int, outputs: int) -> tuple[Task, ...]:
    """Tasks as tasks: {name: (inputs, outputs)} for those whose kind does not matter, None for one of everything.

    Raises ValueError.
    """
    if tasks is None:
        return (Task("task", tuple(range(inputs)), tuple(range(outputs)), "values"),)
    if not isinstance(tasks, Mapping):
        return tuple(tasks)
    described = {str(name): tuple(one) for name, one in tasks.items()}
    wrong = next((name for name, one in described.items() if len(one) not in (2, 3)), None)
    if wrong is not None:
        raise ValueError(f"task {wrong}: must be (inputs, outputs), each the indices of its neurons")
    return tuple(
        Task(name, _indices(one[0]), _indices(one[1]), one[2] if len(one) == 3 else "values")
        for name, one in described.items()
    )


def ticket_of(
    masks: Any, tasks: Any, weights: Sequence[Any] | None, biases: Sequence[Any] | None, *, seed: int, level: int
) -> "Ticket":
    """See `Ticket.from_masks`."""
    from lth.ticket.contents import Ticket
    from lth.ticket.structure import analyse

    given = network_of(masks, weights, biases)
    found = analyse(given.masks, tasks, given.weights, given.biases)
    known = tuple(np.ones(mask.shape, dtype=np.float32) for mask in given.masks)
    kept = tuple(_float(one) * mask for one, mask in zip(given.weights or known, given.masks, strict=True))
    silent = tuple(np.zeros(len(mask), dtype=kept[0].dtype) for mask in given.masks)
    own = silent if given.biases is None else tuple(one.astype(kept[0].dtype) for one in given.biases)
    return Ticket(
        masks=given.masks, weights=kept, biases=own, anchors=kept, anchor_biases=own, bias_masks=None, seed=seed,
        level=level, tasks=found.tasks, config_hash="given", row={"seed": seed, "level": level, **found.columns()},
        epochs=np.empty((0, 3)),
    )  # fmt: skip


def _of_module(module: Any) -> Given:
    """The Linear layers of a module, in the order in which it has them."""
    layers = []
    for name, part in module.named_modules():
        own = dict(part.named_parameters(recurse=False))
        if own and not (hasattr(part, "in_features") and hasattr(part, "out_features")):
            raise ValueError(f"module {name or type(part).__name__}: must be nn.Linear, as all that has parameters")
        if own:
            layers.append(part)
    if not layers:
        raise ValueError("the module has no nn.Linear")
    buffers = [dict(part.named_buffers(recurse=False)) for part in layers]
    weights = [_array(part.weight) for part in layers]
    masks = [
        weight != 0 if "weight_mask" not in found else _array(found["weight_mask"]).astype(bool)
        for weight, found in zip(weights, buffers, strict=True)
    ]
    biases = [np.zeros(part.out_features) if part.bias is None else _array(part.bias) for part in layers]
    return Given(tuple(masks), tuple(weights), tuple(biases))


def _check_shapes(what: str, given: Sequence[np.ndarray] | None, shapes: Sequence[tuple[int, ...]]) -> None:
    found = shapes if given is None else [array.shape for array in given]
    if list(found) != list(shapes):
        raise ValueError(f"{what} must be one array per layer, {list(shapes)}, not {found}")


def _mask(layer: int, given: Any) -> np.ndarray:
    array = _array(given)
    if array.dtype == bool:
        return array
    if array.dtype.kind not in "iuf" or not ((array == 0) | (array == 1)).all():
        raise ValueError(f"masks must be bool, or 0 and 1; that of layer {layer} has other values ({array.dtype})")
    return array == 1


def _array(given: Any) -> np.ndarray:
    return given.detach().cpu().numpy() if hasattr(given, "detach") else np.asarray(given)


def _float(array: np.ndarray) -> np.ndarray:
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)


def _indices(given: Any) -> tuple[int, ...]:
    return (int(given),) if isinstance(given, int | np.integer) else tuple(int(index) for index in given)
