"""The tickets that a run starts from, checked before anything trains."""

from pathlib import Path
from typing import TYPE_CHECKING

from lth.jobs.plan import Plan
from lth.settings import ConfigurationError
from lth.ticket import TicketError, path_of

if TYPE_CHECKING:
    from lth.training.origin import Origin


def check_origin(plan: Plan) -> None:
    """Raise ConfigurationError where a seed that has not begun lacks a ticket to start from that fits the plan."""
    given = plan.settings.origin
    if given is None:
        return
    for seed in plan.seeds:
        if path_of(plan.folder, seed, 0).exists():  # it has all that it needs of its origin
            continue
        try:
            ticket = origin_of(plan).ticket(seed)
        except TicketError as fault:
            raise ConfigurationError(
                "origin.folder", given.folder, f"must have a ticket of seed {seed}: {fault}"
            ) from None
        if ticket.config_hash != given.run:
            allowed = f"must be a folder of configuration {given.run}, not of {ticket.config_hash}"
            raise ConfigurationError("origin.folder", given.folder, allowed)
        if ticket.shape != plan.shape:
            allowed = f"its tickets are networks {list(ticket.shape)}, dataset and model make {list(plan.shape)}"
            raise ConfigurationError("dataset._target_", plan.settings.dataset.target, allowed)
        if ticket.bias_masks is not None and not plan.method.biases:
            raise ConfigurationError("pruning.biases", False, "must be true: the tickets have pruned biases")


def origin_of(plan: Plan) -> "Origin":
    """Where the plan's seeds start."""
    given = plan.settings.origin
    assert given is not None
    from lth.training.origin import Origin

    return Origin(Path(given.folder), given.level, given.values)
