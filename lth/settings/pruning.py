"""The keys of pruning: how many go at each level, which, when, and where the others restart."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from lth.settings.fields import Listed, Piece, Positive, Section, Share, Switch, one_of, whole
from lth.settings.meaning import Means

MOST_LEVELS = 10_000


class Extension(Section):
    """The ladder of sizes that share one trajectory, from `base` hidden neurons a layer upwards."""

    rate: Annotated[Share, Means("share of the remaining weights removed per level")]
    base: Annotated[Positive, Means("hidden neurons a layer on rung 0")]
    target: Annotated[
        Positive | None,
        Field(description="must be the weights of a rung, or null for those of the base"),
        Means("weights at the last level"),
    ]


class Geometric(Section):
    """Two of rate, target and levels; the third follows."""

    rate: Annotated[
        Share | None,
        Field(description="must be above 0 and below 1, or null"),
        Means("share of the remaining parameters removed per level"),
    ]
    target: Annotated[
        Positive | None,
        Field(description="must be an integer of 1 or more, or null"),
        Means("parameters at the last level"),
    ]
    levels: Annotated[
        Annotated[int, whole(0, MOST_LEVELS)] | None,
        Field(description=f"must be an integer from 0 to {MOST_LEVELS}, or null"),
        Means("prunings; 1 is one-shot, 0 a dense net; of rate, target and levels two are given"),
    ]

    @model_validator(mode="after")
    def _two_of_three(self) -> Self:
        if [self.rate, self.target, self.levels].count(None) != 1:
            raise ValueError("exactly two of rate, target and levels must be given")
        return self


class ToDensity(Section):
    """Falls at `rate` to the share `density` of all prunable parameters, which is met exactly."""

    rate: Annotated[Share, Means("share of the remaining parameters removed per level")]
    density: Annotated[Share, Means("share of all parameters that is left at the last level")]


class ThroughDensities(Section):
    """Falls at `rate` at most through every share of `densities`, each of which is met exactly."""

    rate: Annotated[Share, Means("share of the remaining parameters removed per level, at most")]
    densities: Annotated[
        Annotated[tuple[Share, ...], Field(min_length=1, max_length=100)],
        Listed,
        Field(description="must be a list of falling shares above 0 and below 1, [0.2,0.1]"),
        Means("shares of all parameters that are left at some level, falling; the last one at the last"),
    ]

    @field_validator("densities")
    @classmethod
    def _falling(cls, densities: tuple[float, ...]) -> tuple[float, ...]:
        for before, after in pairwise(densities):
            if after >= before:
                raise ValueError(f"must fall, but {after} comes after {before}")
        return densities


class ByLayer(Section):
    """Every layer falls at `rate`, the output layer at `output_rate`; for pruning.scope=layerwise."""

    rate: Annotated[Share, Means("share of the remaining parameters removed per level")]
    output_rate: Annotated[Share, Means("that of the output layer")]
    levels: Annotated[int, whole(0, MOST_LEVELS), Means("prunings")]


def _kind_of_schedule(value: Any) -> str:
    given = value if isinstance(value, Mapping) else dict(value)
    own = {"base": "extension", "density": "todensity", "densities": "throughdensities", "output_rate": "bylayer"}
    return next((kind for key, kind in own.items() if key in given), "geometric")


class RewindSettings(Piece):
    """What survivors restart from; `step` counts optimisation steps of the dense level."""

    step: Annotated[int, whole(0), Means("optimisation steps of the dense level before the anchor")] = 0


class PruningSettings(Section):
    """How many go (schedule), which (criterion, scope, biases), when (clock), and where the others restart (rewind).

    `step` and `effective` act while it trains.
    """

    criterion: Piece
    schedule: Annotated[
        Annotated[Extension, Tag("extension")]
        | Annotated[Geometric, Tag("geometric")]
        | Annotated[ToDensity, Tag("todensity")]
        | Annotated[ThroughDensities, Tag("throughdensities")]
        | Annotated[ByLayer, Tag("bylayer")],
        Discriminator(_kind_of_schedule),
    ]
    rewind: RewindSettings
    clock: Piece
    step: Piece | None
    effective: Piece | None
    scope: Annotated[
        Literal["global", "layerwise"],
        one_of("global", "layerwise"),
        Means("among which weights are the lowest sought: all, or each layer's"),
    ]
    biases: Annotated[Switch, Means("are biases prunable too?")]
