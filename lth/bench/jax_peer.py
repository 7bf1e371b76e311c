"""The same training in JAX as well as we can write it: one jitted call, donated state, scans over epochs and steps.

Seeds are vmapped; a seed whose level is over is frozen by `where`. The orders of the data are drawn outside, so that
JAX is not charged for them. Needs the extra `bench`.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from lth.bench.problem import BATCH, Start, orders
from lth.data.dataset import Dataset


class JaxPeer:
    """Seeds in one vmapped network; `advance(epochs)` trains, `loss` is seed 0's last validation loss."""

    def __init__(self, dataset: Dataset, start: Start, seeds: int) -> None:
        import jax  # pyright: ignore[reportMissingImports]  the extra "bench"
        import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
        import optax  # pyright: ignore[reportMissingImports]

        self._jax, self._start, self._seeds, self._done = jax, start, range(seeds), 0
        adam = optax.adam(1e-3)
        x, y, held_x, held_y = (
            jnp.asarray(part) for part in (dataset.train.x, dataset.train.y, dataset.val.x, dataset.val.y)
        )
        masks = _layers(start.widths, start.mask.astype(np.float32))
        real = np.arange(-(-len(x) // BATCH) * BATCH).reshape(-1, BATCH) < len(x)
        weights = jnp.asarray(real / real.sum(axis=1, keepdims=True), dtype=jnp.float32)

        def logits(params: Any, inputs: Any) -> Any:
            for layer, ((weight, bias), (mask, _)) in enumerate(zip(params, masks, strict=True)):
                inputs = inputs @ (weight * mask).T + bias
                if layer < len(params) - 1:
                    inputs = jax.nn.relu(inputs)
            return inputs

        def loss(params: Any, inputs: Any, targets: Any, shares: Any) -> Any:
            each = optax.sigmoid_binary_cross_entropy(logits(params, inputs), targets).mean(axis=1)
            return (each * shares).sum()

        def step(carry: Any, batch: Any) -> Any:
            params, memory, over = carry
            which, shares = batch
            value, gradient = jax.value_and_grad(loss)(params, x[which], y[which], shares)
            gradient = jax.tree.map(lambda of, mask: of * mask, gradient, masks)
            updates, later = adam.update(gradient, memory, params)
            moved = optax.apply_updates(params, updates)
            keep = lambda old, new: jax.tree.map(lambda a, b: jnp.where(over, a, b), old, new)  # noqa: E731
            return (keep(params, moved), keep(memory, later), over), value

        def epoch(carry: Any, order: Any) -> Any:
            params, memory, best, waited = carry
            over = waited >= 10**6
            (params, memory, _), _ = jax.lax.scan(step, (params, memory, over), (order, weights))
            held = optax.sigmoid_binary_cross_entropy(logits(params, held_x), held_y).mean()
            better = held < best
            waited = jnp.where(better, 0, waited + 1)
            return (params, memory, jnp.where(better, held, best), waited), held

        def run(carry: Any, given: Any) -> Any:
            return jax.lax.scan(epoch, carry, given)

        self._run = jax.jit(jax.vmap(run), donate_argnums=0)
        rows = [jax.tree.map(jnp.asarray, _layers(start.widths, row)) for row in start.rows(seeds)]
        params = jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)
        self._carry = (params, jax.vmap(adam.init)(params), jnp.full(seeds, jnp.inf), jnp.zeros(seeds, dtype=jnp.int32))
        self._samples, self.loss = len(x), float("nan")

    def prepare(self, epochs: int) -> None:
        """Draw the orders of the next epochs; `advance` then trains them."""
        drawn = orders(self._seeds, self._samples, self._done, epochs)
        self._orders = self._jax.device_put(drawn)
        self._done += epochs

    def advance(self) -> None:
        """Train what was prepared."""
        self._carry, held = self._run(self._carry, self._orders)
        self.loss = float(np.asarray(held)[0, -1])


def _layers(widths: Sequence[int], row: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    found, at = [], 0
    for fan_in, fan_out in pairwise(widths):
        end = at + fan_in * fan_out
        found.append((row[at:end].reshape(fan_out, fan_in), row[end : end + fan_out]))
        at = end + fan_out
    return found
