"""Tickets and structures of masks that somebody brings: numpy's, torch's, whole modules; and the way back to torch."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from lth.data.dataset import Task
from lth.ticket import Ticket, analyse
from tests.ticket.plain_reading import TWO, wires
from tests.ticket.tickets import ticket_of

SHAPE = (4, 4, 2)
PARTED = wires(SHAPE, (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1))
JOINED = wires(SHAPE, (0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 2, 1), (0, 3, 1), (1, 1, 1), (1, 0, 1))
FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "bool": lambda mask: mask,
    "int": lambda mask: mask.astype(int),
    "float": lambda mask: mask.astype(np.float32),
    "lists": lambda mask: mask.astype(int).tolist(),
    "torch bool": torch.from_numpy,
    "torch float": lambda mask: nn.Parameter(torch.from_numpy(mask).float()),
}


def pruned(masks: list[np.ndarray]) -> nn.Sequential:
    """A network that torch has pruned by these masks."""
    layers = [nn.Linear(mask.shape[1], mask.shape[0]) for mask in masks]
    for layer, mask in zip(layers, masks, strict=True):
        prune.custom_from_mask(layer, "weight", torch.from_numpy(mask))
    return nn.Sequential(layers[0], nn.ReLU(), layers[1])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("masks", "status"), [(PARTED, "separated"), (JOINED, "interconnected")])
def test_masks_of_every_form_say_the_same(form: str, masks: list[np.ndarray], status: str) -> None:
    found = analyse([FORMS[form](mask) for mask in masks], TWO)
    assert (found.status, found.columns()) == (status, analyse(masks, TWO).columns())


def test_a_pruned_module_is_read_with_its_weights() -> None:
    network = pruned(JOINED)
    found = analyse(network, TWO)
    weights = [layer.weight.detach().numpy() for layer in network if isinstance(layer, nn.Linear)]
    biases = [layer.bias.detach().numpy() for layer in network if isinstance(layer, nn.Linear)]
    assert found.cut == 1
    assert found.columns() == analyse(JOINED, TWO, weights, biases).columns()
    for layer in network:
        if isinstance(layer, nn.Linear):
            prune.remove(layer, "weight")
    assert analyse(network, TWO).columns() == found.columns()


def test_a_module_that_is_no_mlp_is_refused() -> None:
    with pytest.raises(ValueError, match=r"module 1: must be nn\.Linear"):
        analyse(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), None)
    with pytest.raises(ValueError, match=r"no nn\.Linear"):
        analyse(nn.Sequential(nn.ReLU()), None)


@pytest.mark.parametrize(
    ("masks", "said"),
    [
        ([np.full((2, 4), 0.5)], "layer 0 has other values"),
        (np.ones((2, 4)), "one .* array per layer, not one array"),
        ([np.full((2, 4), "1")], "0 and 1"),
        ([], "one .* array per layer"),
    ],
)
def test_what_is_no_mask_is_refused(masks: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        analyse(masks, None)


def test_tasks_may_be_named_by_their_neurons() -> None:
    named = {"moons": ([0, 1], 0), "circles": (range(2, 4), [1])}
    assert analyse(PARTED, named).columns() == analyse(PARTED, TWO).columns()
    assert analyse(PARTED).partition == "task"
    with pytest.raises(ValueError, match="task moons: must be"):
        analyse(PARTED, {"moons": ([0, 1],)})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_ticket_of_masks_is_drawn_cut_and_goes_to_torch(dtype: str) -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=mask.shape).astype(dtype) for mask in JOINED]
    ticket = Ticket.from_masks([mask.astype(int) for mask in JOINED], TWO, weights, seed=3, level=2)
    assert (ticket.seed, ticket.level, ticket.shape) == (3, 2, SHAPE)
    assert ticket.structure.status == ticket.row["status"] == "interconnected"
    assert ticket.cut() == [(1, 0, 1)]
    without = [mask.copy() for mask in JOINED]
    for layer, start, end in ticket.cut():
        without[layer][end, start] = False
    assert Ticket.from_masks(without, TWO).structure.status == "separated"
    assert Ticket.from_masks(without, TWO).cut() == []
    assert ticket.draw().axes
    x = torch.from_numpy(rng.normal(size=(5, 4)).astype(dtype))
    by_hand = torch.relu(x @ torch.from_numpy(weights[0] * JOINED[0]).T) @ torch.from_numpy(weights[1] * JOINED[1]).T
    torch.testing.assert_close(ticket.to_torch()(x), by_hand)


def test_a_pruned_module_and_its_ticket_answer_alike() -> None:
    network, x = pruned(JOINED), torch.randn(6, 4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(Ticket.from_masks(network, TWO).to_torch()(x), network(x))


def test_pruned_biases_are_zero_in_torch_and_nothing_is_drawn_at_random() -> None:
    ticket, before = ticket_of(JOINED, prunable_biases=True), torch.get_rng_state()
    assert ticket.bias_masks is not None
    layers = [layer for layer in ticket.to_torch() if isinstance(layer, nn.Linear)]
    for layer, kept in zip(layers, ticket.bias_masks, strict=True):
        assert isinstance(layer.bias, Tensor)
        assert ((layer.bias != 0).numpy() == kept).all()
    assert torch.equal(before, torch.get_rng_state())


def test_weights_that_do_not_fit_their_masks_are_refused() -> None:
    with pytest.raises(ValueError, match="weights must"):
        Ticket.from_masks(JOINED, TWO, [np.ones((2, 2)), np.ones((2, 4))])
    with pytest.raises(ValueError, match="biases must"):
        Ticket.from_masks(JOINED, TWO, biases=[np.ones(3), np.ones(2)])


def test_a_task_of_other_neurons_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="4 inputs"):
        Ticket.from_masks(JOINED, [Task("one", (0, 9), (0, 1), "values")])
