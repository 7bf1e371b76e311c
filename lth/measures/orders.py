"""A level trained again with the data in another order."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from lth.method.clock.clock import Segment
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.level import restore
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.module import StackModule
from lth.training.pruning import start_under

ANOTHER = 1000  # no level has so many parts: what is drawn for this one is drawn for no other


def trained_again(job: Job, tickets: Sequence[Ticket], before: Sequence[Ticket] | None) -> list[Tensor | None] | None:
    """The rows (size,) of these tickets' networks, of one level, trained from the same start in another order.

    `before` are the tickets of the level before, None at level 0. A seed whose loss is not finite gives None; all of it
    is None where the level is not one stretch of training, of which the start is known.
    """
    segments = [segment for segment in job.segments if segment.level == tickets[0].level]
    if len(segments) > 1 or segments[0].epochs is not None:
        return None
    module = _started(job, tickets, before, segments[0])
    while module.training_seeds:
        module.training_step(0, 0)
    rows = []
    for place in range(len(tickets)):
        weight, mask = module.shown(place)
        rows.append(None if module.finished[place].failed else weight * mask)
    return rows


def _started(job: Job, tickets: Sequence[Ticket], before: Sequence[Ticket] | None, segment: Segment) -> StackModule:
    seeds, places = tuple(ticket.seed for ticket in tickets), range(len(tickets))
    job = replace(job, seeds=seeds)
    model = StackedMLP(job.widths, initial_rows(job.widths, seeds, job.init, job.bias_init, dtype=job.dtype))
    if before is not None:
        restore(model, before)
        masks = StackedMLP(job.widths, torch.zeros_like(model.weight))
        restore(masks, tickets)
        start_under(job, model, places, segment, masks.mask)
    module = StackModule(model, seeds, job.recipe)
    module.start_segment({place: replace(segment, part=ANOTHER) for place in places})
    return module
