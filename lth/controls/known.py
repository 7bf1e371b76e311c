"""The controls that there are: what each trains, and what sets it apart from the others."""

from dataclasses import dataclass

Control = str  # a name in KNOWN


@dataclass(frozen=True)
class Known:
    """What a control trains, in a line.

    `usual`: also where nothing is asked for; `parts`: of separated tickets alone; `earlier`: it stands one level before
    the separation; `unchanged`: it is a recorded ticket, and must give its bits again; `fresh`: on data drawn anew.
    """

    meaning: str
    usual: bool = False
    parts: bool = False
    earlier: bool = False
    unchanged: bool = False
    fresh: bool = False


KNOWN: dict[Control, Known] = {
    "ticket": Known("the ticket again, as it was", usual=True, unchanged=True),
    "reinit": Known("its mask with newly drawn values", usual=True),
    "shuffled": Known("its mask shuffled within each layer", usual=True),
    "continued": Known("its mask, trained on from the level before without rewinding", usual=True),
    "before": Known("the ticket one level before it separates, as it was", parts=True, earlier=True, unchanged=True),
    "bridge": Known("one weight more, which joins two subnetworks", parts=True),
    "within": Known("one weight more inside a subnetwork", parts=True),
    "cut": Known("the ticket one level before without its least cut", parts=True, earlier=True),
    "random_cut": Known("that ticket without as many other weights of the same layers", parts=True, earlier=True),
    "swapped": Known("another seed's mask over the seed's own values", parts=True),
    "permuted": Known("the ticket with its inputs in another order, as if the data were shuffled in space"),
    "fresh-ticket": Known("the ticket on data drawn anew, by the data's seed + 1000", fresh=True),
    "fresh-reinit": Known("its mask with newly drawn values on those data", fresh=True),
    "fresh-dense": Known("the network before pruning on those data", fresh=True),
}
USUAL: tuple[Control, ...] = tuple(name for name, known in KNOWN.items() if known.usual)
