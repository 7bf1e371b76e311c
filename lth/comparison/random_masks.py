"""Networks under random masks that keep as many weights of every layer as tickets do."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from lth.controls.start import shuffled
from lth.method.clock.clock import Segment
from lth.method.clock.levels import Levels
from lth.method.criterion.random import Random
from lth.method.method import Method
from lth.method.restart.reset import Reset
from lth.randomness import generator
from lth.ticket import Ticket
from lth.training.job import Job
from lth.training.level import restore
from lth.training.mlp import StackedMLP, initial_rows
from lth.training.module import StackModule
from lth.training.pruning import start_under


def accuracies(job: Job, tickets: Sequence[Ticket]) -> list[float]:
    """For each ticket the test accuracy of its initialisation under a mask of its counts by lot, plainly trained.

    Shapes and initialisers are the job's, and so are the data, optimiser and stopping rule; nothing else of its method.
    """
    seeds, places = tuple(ticket.seed for ticket in tickets), range(len(tickets))
    job = replace(job, seeds=seeds, method=Method(Levels(), Random(), Reset(), biases=job.method.biases))
    drawn = initial_rows(job.widths, seeds, job.init, job.bias_init, dtype=job.dtype)
    masks, model = StackedMLP(job.widths, torch.zeros_like(drawn)), StackedMLP(job.widths, drawn)
    restore(masks, [replace(ticket, state={}) for ticket in tickets])
    rows = [
        shuffled(model.layout, mask[None], generator(ticket.seed, "random mask"))
        for mask, ticket in zip(masks.mask, tickets, strict=True)
    ]
    segment = Segment(1, 0, prunes=True, restarts=True)
    start_under(job, model, places, segment, torch.cat(rows))
    module = StackModule(model, seeds, job.recipe)
    module.start_segment(dict.fromkeys(places, segment))
    while module.training_seeds:
        module.training_step(0, 0)
    return [float(module.trainers.measure_test(*module.shown(place))[1].mean()) for place in places]
