"""Tickets with a few weights more or less: subnetworks joined by one, or parted before they part by themselves."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from lth.randomness import generator
from lth.ticket import State, Ticket, analyse
from lth.ticket.distance import least_cut
from lth.ticket.status import DegradeOn, Status

TRIES = 200  # of a random cut that leaves the tasks joined

Masks = tuple[np.ndarray, ...]
_Place = tuple[int, int, int]  # layer, end, start


def altered(ticket: Ticket, control: str, degrade_on: DegradeOn = "both") -> Masks | None:
    """The masks that a control of this name has of a ticket; None where the ticket has no such weight."""
    rules: dict[str, Callable[[], Masks | None]] = {
        "bridge": lambda: bridged(ticket),
        "within": lambda: thickened(ticket),
        "cut": lambda: parted(ticket, degrade_on),
        "random_cut": lambda: thinned(ticket, degrade_on),
    }
    return rules.get(control, lambda: ticket.masks)()


def bridged(ticket: Ticket) -> Masks | None:
    """One weight more, by lot among those that lead from a neuron of one subnetwork to one of another.

    Both neurons are active, so that it joins the two and nothing else changes. None where there is no such weight.
    """
    place = _bridge(ticket)
    return None if place is None else _with(ticket.masks, [place], value=True)


def thickened(ticket: Ticket) -> Masks | None:
    """One weight more within a subnetwork, by lot, in the layer of the bridge or, where that has no place, in any.

    The last layer has none where each task has one output. None where no layer has one.
    """
    bridge, places = _bridge(ticket), _free(ticket, within=True)
    near = [place for place in places if bridge is not None and place[0] == bridge[0]]
    drawn = _draw(near or places, 1, generator(ticket.seed, "within", ticket.level))
    return _with(ticket.masks, drawn, value=True) if drawn else None


def parted(ticket: Ticket, degrade_on: DegradeOn = "both") -> Masks | None:
    """Without the fewest active weights whose loss parts its tasks. None where no two share a component.

    Of several least cuts the nearest to the first task, or to the last one where only that leaves all tasks whole.
    """
    cut = _cut(ticket, degrade_on)
    return _with(ticket.masks, cut, value=False) if cut else None


def thinned(ticket: Ticket, degrade_on: DegradeOn = "both") -> Masks | None:
    """Without as many active weights of the same layers, by lot, and no task parted from another or degraded by it.

    None where 200 draws do not find such a loss.
    """
    counts = np.bincount([layer for layer, _, _ in _cut(ticket, degrade_on)], minlength=len(ticket.masks)).tolist()
    if not any(counts):
        return None
    active = [_places(layer, states == State.ACTIVE) for layer, states in enumerate(ticket.structure.weights)]
    stream = generator(ticket.seed, "random cut", ticket.level)
    for _ in range(TRIES):
        drawn = [place for count, places in zip(counts, active, strict=True) for place in _draw(places, count, stream)]
        masks = _with(ticket.masks, drawn, value=False)
        found = analyse(masks, ticket.tasks, degrade_on=degrade_on, cut_limit=0)
        if found.status == ticket.structure.status and found.parts == ticket.structure.parts:
            return masks
    return None


def _bridge(ticket: Ticket) -> _Place | None:
    drawn = _draw(_free(ticket, within=False), 1, generator(ticket.seed, "bridge", ticket.level))
    return drawn[0] if drawn else None


def _free(ticket: Ticket, *, within: bool) -> list[_Place]:
    """The pruned weights between active neurons of one component, or of two."""
    labels, found = ticket.structure.labels, []
    for layer, mask in enumerate(ticket.masks):
        starts, ends = labels[layer][None, :], labels[layer + 1][:, None]
        found += _places(layer, ~mask & (starts >= 0) & (ends >= 0) & ((starts == ends) == within))
    return found


def _cut(ticket: Ticket, degrade_on: DegradeOn) -> list[_Place]:
    found = ticket.structure
    cuts = [least_cut(found.weights, found.neurons, tasks) for tasks in (ticket.tasks, ticket.tasks[::-1])]
    places = [[one for layer, where in enumerate(cut) for one in _places(layer, where)] for cut in cuts]
    statuses = [_status(ticket, _with(ticket.masks, cut, value=False), degrade_on) for cut in places]
    return places[1] if statuses[0] != "separated" == statuses[1] else places[0]


def _status(ticket: Ticket, masks: Masks, degrade_on: DegradeOn) -> Status:
    return analyse(masks, ticket.tasks, degrade_on=degrade_on, cut_limit=0).status


def _places(layer: int, where: np.ndarray) -> list[_Place]:
    return [(layer, int(end), int(start)) for end, start in zip(*where.nonzero(), strict=True)]


def _draw(places: Sequence[_Place], count: int, stream: torch.Generator) -> list[_Place]:
    order = torch.randperm(len(places), generator=stream)[:count].tolist()
    return [places[one] for one in order]


def _with(masks: Sequence[np.ndarray], places: Sequence[_Place], *, value: bool) -> Masks:
    changed = tuple(mask.copy() for mask in masks)
    for layer, end, start in places:
        changed[layer][end, start] = value
    return changed
