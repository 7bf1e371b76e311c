"""Claims about what a ticket is: its values, its mask, its being reset; each against a control that lacks it."""

from dataclasses import dataclass

from lth.collect import Missing, Shelf
from lth.ledger.claim import Claim, Finding, Verdict, verdict
from lth.ledger.runs import RUN, mean, shown
from lth.statistics import Interval, holm, paired

CONTROLS = ("reinit", "shuffled", "continued")
MARGIN = 0.01  # of accuracy: less makes no difference
COLUMNS = ("test_accuracy", "epochs")


@dataclass(frozen=True)
class Gain:
    """The ticket less its control over the seeds that separated, and p, corrected for all the pairs tested here."""

    value: Interval
    p: float

    @property
    def verdict(self) -> Verdict:
        """Whether the ticket is better: p below .05; or better by less than MARGIN, if at all."""
        better = self.p < 0.05 and self.value.value > 0
        return verdict(better, not better and self.value.high < MARGIN)

    def text(self, digits: int) -> str:
        """The gain, its interval and p."""
        return f"{shown(self.value, digits, signed=True)} (p = {self.p:.2g})"


def _gains(shelf: Shelf) -> dict[tuple[str, str], Gain]:
    table = shelf.table("lottery", "controls")
    table = table[table["separated"].astype(bool)]
    pairs = {}
    for column in COLUMNS:
        sides = table.pivot_table(index=RUN, columns="control", values=column)
        for control in CONTROLS:
            if {"ticket", control} <= set(sides):
                pairs[control, column] = sides[["ticket", control]].dropna()
    corrected = holm([paired(both["ticket"], both[name]) for (name, _), both in pairs.items()])
    differences = {key: mean(both["ticket"] - both[key[0]]) for key, both in pairs.items()}
    return {key: Gain(differences[key], p) for key, p in zip(pairs, corrected, strict=True)}


def _of(shelf: Shelf, control: str) -> tuple[Gain, Gain]:
    """The ticket's gain over a control in accuracy and in epochs."""
    gains = _gains(shelf)
    if (control, "test_accuracy") not in gains:
        raise Missing(f"no control {control}")
    return gains[control, "test_accuracy"], gains[control, "epochs"]


def _values_matter(shelf: Shelf) -> Finding:
    accuracy, epochs = _of(shelf, "reinit")
    text = f"against new values on the same mask: accuracy {accuracy.text(3)}, epochs {epochs.text(0)}"
    return Finding(f"{accuracy.value.n} pairs", text, accuracy.verdict)


def _places_matter(shelf: Shelf) -> Finding:
    accuracy, _ = _of(shelf, "shuffled")
    text = f"against the mask shuffled within layers: accuracy {accuracy.text(3)}"
    return Finding(f"{accuracy.value.n} pairs", text, accuracy.verdict)


def _reset_matters(shelf: Shelf) -> Finding:
    accuracy, epochs = _of(shelf, "continued")
    text = (
        f"against training on without the reset: accuracy {accuracy.text(3)}, epochs {epochs.text(0)}, those of the "
        f"last level alone: the others had theirs before"
    )
    return Finding(f"{accuracy.value.n} pairs", text, accuracy.verdict)


CLAIMS = (
    Claim("slides", "train, prune, reset, repeat: the reset matters", "lottery", _reset_matters),
    Claim("thesis", "a ticket is its initial values (against random reinitialisation)", "lottery", _values_matter),
    Claim("thesis", "a ticket is its mask (against a shuffled one)", "lottery", _places_matter),
)  # fmt: skip
