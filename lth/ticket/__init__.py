"""The structure of a ticket from its masks alone, and the file that keeps it."""

from lth.ticket.compact import Compact, compact
from lth.ticket.contents import Ticket
from lth.ticket.expected import Expected
from lth.ticket.file import Chain, TicketError, chain, last_finished, load, load_own, path_of, save
from lth.ticket.states import State
from lth.ticket.structure import Structure, analyse

__all__ = [
    "Chain",
    "Compact",
    "Expected",
    "State",
    "Structure",
    "Ticket",
    "TicketError",
    "analyse",
    "chain",
    "compact",
    "last_finished",
    "load",
    "load_own",
    "path_of",
    "save",
]
