"""What the page cannot say, and what it would cost to say it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lth.collect import Missing, Shelf
from lth.ledger.examine import Examined
from lth.ledger.experiments import EXPERIMENTS, command_of
from lth.ledger.quantities import table_of
from lth.ledger.runs import finished
from lth.statistics.contrasts import Runs, alike

WORDS = """\
## Limits

- **Crossed seeds.** Network seeds are the same few for every data draw. The intervals are for other data draws and
  these networks' starts; what depends on the start alone is known from as many starts as there are network seeds.
- **One start, many sizes.** Networks of one seed begin with the same draws in their first layer, whatever their size:
  sizes are compared within data draws, but they are not independent witnesses of each other.
- **Off the plan.** Of the protocol's eight network seeds `mnist-fashion` has three. Whether tickets transfer was asked
  once their runs were there: those rules are exploratory. The problem of `one-bit` was made anew after its rules, and a
  sweep of its first form, with ten digits, was set aside; its words and thresholds stayed. The rate and target of
  `boolean` were chosen on data draw 100, so its own begin with 120. Two sizes of `main`, 278 and 337, ran when the
  verdicts without them were known. The rules of the methods were fixed last, before their fresh runs; three of the
  methods ranked over all layers what was not comparable between them, so their runs were made again, and the rules
  that read these are exploratory (the protocol says what the first runs had shown).
- **Few clusters.** A bootstrap over eight data draws knows eight values. Its percentiles are widened for that, but
  cannot lie beyond what it draws: a wide interval may be too narrow still.
- **No correction.** Each experiment has one primary claim. Of twenty others without any truth in them one would be
  expected outside its 95 % interval.
- **Small problems.** Most of this is two tasks of two inputs and networks below 200 000 weights."""


def section(examined: Sequence[Examined], shelf: Shelf) -> str:
    """The limits, then what was measured and is open still, and what is not measured, with its command and cost."""
    weak = [one.rule.id for one in examined if one.verdict == "open" and one.found is not None]
    lines = [WORDS, *_likeness(shelf), *_pieces(shelf)]
    if weak:
        lines.append(f"- **Measured, and open still** ({len(weak)}): {', '.join(weak)}.")
    missing = [one for one in examined if one.verdict == "open" and one.found is None and one.rule.test != "none"]
    for name in dict.fromkeys(one.rule.experiment for one in missing):
        known = EXPERIMENTS.get(name)
        why = dict.fromkeys(one.reason for one in missing if one.rule.experiment == name)
        cost = known.cost if known else "not timed"
        lines.append(f"- **{name}**: {'; '.join(why)}. `{command_of(name)}`: {cost}.")
    return "\n".join(lines)


def _pieces(shelf: Shelf) -> Iterator[str]:
    """What the definition of *separated* makes of tasks with many outputs."""
    try:
        levels = finished(shelf.table("digits-pair"))
    except Missing:
        return
    broken = levels[levels["status"] == "fragmented"]
    if len(broken):
        yield (
            f"- **Many outputs.** A task of ten classes is *fragmented* where its outputs lie in several components, "
            f"though nothing else asks them to share one: so are {len(broken)} of {len(levels)} levels of digits-pair, "
            f"with cuts of {broken['cut'].min()} to {broken['cut'].max()}. Whether they are apart depends on that word."
        )


def _likeness(shelf: Shelf) -> Iterator[str]:
    """How alike runs of one data seed are, and of one network seed: the second is what the intervals leave out."""
    try:
        found = table_of("separated", shelf, "main")
    except Missing:
        return
    told = []
    for column, name in (("dataset.seed", "data draw"), ("seed", "network seed")):
        one = alike(Runs.of(found["value"], found[column]), found["model.hidden"].to_numpy(float))
        told.append(f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}] within a {name}")
    yield f"- **Likeness.** Whether runs of main of one size separate is correlated by {' and by '.join(told)}."
