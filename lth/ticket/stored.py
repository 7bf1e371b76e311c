"""A ticket's structure worked out anew, and where the row that is stored with it says something else."""

from math import isclose
from typing import Any, get_args

from lth.ticket.contents import Ticket
from lth.ticket.states import State, count
from lth.ticket.status import DegradeOn
from lth.ticket.structure import CUT_LIMIT, Structure, analyse


def structure_of(ticket: Ticket) -> Structure:
    """What the masks say; of the two readings of what is degraded the one that the stored status fits, if any."""
    first = _read(ticket, "both")
    if ticket.row.get("status") == first.status:
        return first
    others = (_read(ticket, reading) for reading in get_args(DegradeOn) if reading != "both")
    return next((other for other in others if other.status == ticket.row.get("status")), first)


def differing(structure: Structure, row: dict[str, Any]) -> list[str]:
    """The columns of which the row says something else; a null says nothing, nor do we of cuts that we leave out."""
    columns = structure.columns()
    unknown = ("cut", "cut_magnitude") if count(structure.weights, State.ACTIVE) > CUT_LIMIT else ()
    told = [name for name in columns if name not in unknown and row.get(name) is not None]
    return [name for name in told if not _alike(columns[name], row[name])]


def _read(ticket: Ticket, degrade_on: DegradeOn) -> Structure:
    return analyse(
        ticket.masks, ticket.tasks, ticket.weights, ticket.biases, bias_masks=ticket.bias_masks, degrade_on=degrade_on
    )


def _alike(value: Any, told: Any) -> bool:
    if isinstance(value, float) and isinstance(told, (int, float)):
        return isclose(value, told, rel_tol=1e-6, abs_tol=1e-9)  # sums of another machine differ in their last digits
    return value == told
