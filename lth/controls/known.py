"""The controls that there are: what each trains, and what sets it apart from the others."""

from dataclasses import dataclass
from typing import Literal

Control = str  # a name in KNOWN


@dataclass(frozen=True)
class Known:
    """What a control trains, in a line.

    `values` that it starts with: `restarted` as the method restarts its tickets, `trained` on the level before, `drawn`
    newly, or of the `anchor`. `usual`: also where nothing is asked for; `parts`: of separated tickets alone; `earlier`:
    it stands one level before the separation; `unchanged`: it is a recorded ticket, and must give its bits again;
    `fresh`: on data drawn anew.
    """

    meaning: str
    values: Literal["restarted", "trained", "drawn", "anchor"] = "restarted"
    usual: bool = False
    parts: bool = False
    earlier: bool = False
    unchanged: bool = False
    fresh: bool = False

    @property
    def anew(self) -> bool:
        """Whether nothing of the level before goes on."""
        return self.values in ("drawn", "anchor")


KNOWN: dict[Control, Known] = {
    "ticket": Known("the ticket again, as it was", usual=True, unchanged=True),
    "reinit": Known("its mask with newly drawn values", "drawn", usual=True),
    "shuffled": Known("its mask shuffled within each layer", "anchor", usual=True),
    "continued": Known("its mask, trained on from the level before without rewinding", "trained", usual=True),
    "before": Known("the ticket one level before it separates, as it was", parts=True, earlier=True, unchanged=True),
    "bridge": Known("one weight more, which joins two subnetworks", parts=True),
    "within": Known("one weight more inside a subnetwork", parts=True),
    "cut": Known("the ticket one level before without its least cut", parts=True, earlier=True),
    "random_cut": Known("that ticket without as many other weights of the same layers", parts=True, earlier=True),
    "swapped": Known("another seed's mask over the seed's own values", parts=True),
    "permuted": Known("the ticket with its inputs in another order, as if the data were shuffled in space"),
    "fresh-ticket": Known("the ticket on data drawn anew, by the data's seed + 1000", fresh=True),
    "fresh-reinit": Known("its mask with newly drawn values on those data", "drawn", fresh=True),
    "fresh-dense": Known("the network before pruning on those data", "anchor", fresh=True),
}
USUAL: tuple[Control, ...] = tuple(name for name, known in KNOWN.items() if known.usual)
