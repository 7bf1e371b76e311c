"""The controls that there are: what each trains, and what sets it apart from the others."""

from dataclasses import dataclass
from typing import Literal

Control = str  # a name in KNOWN
Where = Literal["own", "fresh", "other", "sgd"]


@dataclass(frozen=True)
class Known:
    """What a control trains, in a line.

    `values` that it starts with: `restarted` as the method restarts its tickets, `trained` on the level before, `drawn`
    newly, or of the `anchor`. `usual`: also where nothing is asked for; `parts`: of separated tickets alone; `earlier`:
    it stands one level before the separation; `unchanged`: it is a recorded ticket, and must give its bits again;
    `whole`: with every weight. `where`: on its `own` data by its own optimiser, on `fresh` data, on `other` data, or by
    `sgd`.
    """

    meaning: str
    values: Literal["restarted", "trained", "drawn", "anchor"] = "restarted"
    usual: bool = False
    parts: bool = False
    earlier: bool = False
    unchanged: bool = False
    whole: bool = False
    where: Where = "own"

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
    "fresh-ticket": Known("the ticket on data drawn anew, by the data's seed + 1000", where="fresh"),
    "fresh-reinit": Known("its mask with newly drawn values on those data", "drawn", where="fresh"),
    "fresh-dense": Known("the network before pruning on those data", "anchor", whole=True, where="fresh"),
    "other-ticket": Known("the ticket on Fashion-MNIST for MNIST, or the other way round", where="other"),
    "other-reinit": Known("its mask with newly drawn values on that dataset", "drawn", where="other"),
    "other-dense": Known("the network before pruning on that dataset", "anchor", whole=True, where="other"),
    "sgd-ticket": Known("the ticket by another optimiser, optimizer=sgd", where="sgd"),
    "sgd-reinit": Known("its mask with newly drawn values by that optimiser", "drawn", where="sgd"),
    "sgd-dense": Known("the network before pruning by that optimiser", "anchor", whole=True, where="sgd"),
}
USUAL: tuple[Control, ...] = tuple(name for name, known in KNOWN.items() if known.usual)
