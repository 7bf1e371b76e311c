"""The rules of the confirmatory claims: data in rules/EXPERIMENT.yaml, fixed before anything was measured."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lth.statistics.bootstrap import ALIKE
from lth.statistics.power import CONTRASTS, cluster_deviation, equivalence_power, power

RULES = Path(__file__).parent / "rules"
Test = Literal["mean", "difference", "interaction", "slope", "midpoint", "alike", "mediated", "given", "none"]
Source = Literal["notes", "slides", "thesis", "blog", "log", "diary", "ours"]
Question = Literal["sizes", "independence", "biases", "cause", "winning", "methods", "images"]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sample(_Data):
    """How many clusters (data seeds, or network seeds where the data are one), and how many runs of each in a group.

    For the power: the smallest `effect` that matters, the `deviation` of a run, how much runs of a cluster are `alike`.
    """

    clusters: Annotated[int, Field(ge=2)]
    each: Annotated[int, Field(ge=1)]
    effect: Annotated[float, Field(gt=0)]
    deviation: Annotated[float, Field(gt=0)] = 0.5
    alike: Annotated[float, Field(ge=0, le=1)] = ALIKE


class Rule(_Data):
    """What is measured on whom, how it is tested, and what each verdict needs; `fixed` says since when.

    `where` chooses runs, `groups` the two or four that are compared (queries of the table); `x` is what a slope or a
    midpoint is over. `decided` says what a definition decides beforehand, `unmeasured` what nothing here can measure,
    and what it would cost. `seen` is what came out of runs that had to be made again: the rule is then older than its
    runs, but nothing confirms what was known.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    experiment: str
    question: Question
    source: Source
    claim: str
    primary: bool = False
    quantity: str
    population: str
    measure: str
    test: Test
    where: str = ""
    groups: tuple[str, ...] = ()
    x: str = ""
    at: float | None = None
    cluster: str = "dataset.seed"
    unit: Literal["share", "factor", "number", "points"] = "share"
    direction: Literal["above", "below", "equal", "not below"]
    threshold: float
    margin: Annotated[float, Field(gt=0)]
    why: str
    sample: Sample
    decided: str = ""
    unmeasured: str = ""
    seen: str = ""
    fixed: Annotated[datetime, AfterValidator(_utc)]

    @property
    def between(self) -> float:
        """The standard deviation between clusters that the power is computed with."""
        one = self.sample
        return cluster_deviation(one.deviation, one.each, one.alike, CONTRASTS.get(self.test, 1))

    @property
    def power(self) -> float:
        """The chance to find the smallest effect that matters."""
        return power(self.sample.effect, self.between, self.sample.clusters)

    @property
    def equivalence_power(self) -> float:
        """The chance to show that there is no difference as large as the margin, where there is none."""
        return equivalence_power(self.margin, self.between, self.sample.clusters)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, file by file; raises ValueError for one that is no rule, or whose id another one has."""
    found: dict[str, Rule] = {}
    for path in sorted(RULES.glob("*.yaml")):
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in said["rules"]:
            rule = Rule(**{"experiment": path.stem, **said.get("defaults", {}), **entry})
            if rule.id in found:
                raise ValueError(f"{path.name}: another rule is called {rule.id}")
            found[rule.id] = rule
    return tuple(found.values())
