"""The schema of a configuration: its keys, their types and ranges, and what fits what within it.

The YAML files of conf/ hold the defaults, all of them: a key that is missing is an error. What a field allows is its
description, which is the text users get when they typed something else; what it is for is its Means.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from lth.settings.initialisers import BiasInitialiser, Initialiser
from lth.settings.meaning import Means
from lth.settings.modes import Mode
from lth.settings.names import GroupOrNone, JobType, Notes, Place, PlaceOrNone, Tags
from lth.settings.seeds import ALLOWED, parse_seeds

MOST_LEVELS = 10_000
_GIVEN = "lth.method.criterion.given.Given"


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _whole(least: int, most: int | None = None) -> Any:
    span = f"of {least} or more" if most is None else f"from {least} to {most}"
    return Field(ge=least, le=most, description=f"must be an integer {span}")


def _one_of(*names: str) -> Any:
    return Field(description=f"must be one of {', '.join(names)}")


_Positive = Annotated[int, _whole(1)]
_Share = Annotated[float, Field(gt=0, lt=1, description="must be above 0 and below 1")]
_NotNegative = Annotated[float, Field(ge=0, description="must be a number of 0 or more")]
_Switch = Annotated[bool, Field(description="must be true or false")]
_Text = Annotated[str, Field(min_length=1, description="must be a text")]
_Tuple = BeforeValidator(_as_tuple)


class Section(BaseModel):
    """A group of keys: no unknown ones, nothing converted silently, nothing infinite."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, ser_json_inf_nan="constants"
    )


class Piece(Section):
    """A group that names what to build by `_target_`; its further keys are that callable's arguments."""

    model_config = ConfigDict(extra="allow")

    target: _Text = Field(alias="_target_")


class DatasetSettings(Piece):
    """The keys that datasets share, where they apply; sizes are samples."""

    noise: Annotated[_NotNegative, Means("deviation of the noise on the samples")] = 0.0
    n_train: Annotated[int, _whole(1, 10**6), Means("samples to train on")] = 1
    n_val: Annotated[int, _whole(1, 10**6), Means("samples that tell when a level ends")] = 1
    n_test: Annotated[int, _whole(1, 10**6), Means("samples that only the table sees")] = 1
    seed: Annotated[int, _whole(0), Means("of the data alone; the networks have their own")] = 0
    noise_inputs: Annotated[int, _whole(0, 10**4), Means("standard-normal inputs that belong to no task")] = 0
    n: Annotated[int, _whole(2, 1000), Means("tasks side by side")] = 2


_Size = Annotated[int, _whole(1, 10**6)]


class ModelSettings(Section):
    """The shape of the network and how it starts."""

    hidden: Annotated[
        _Size | Annotated[tuple[_Size, ...], Field(min_length=1, max_length=4)],
        _Tuple,
        Field(description="must be an integer from 1 to 1000000, or a list of 1 to 4 such"),
        Means("neurons of each hidden layer, or a list with one size a layer; with -m 8,..,57 is the ladder"),
    ]
    depth: Annotated[int, _whole(1, 4), Means("hidden layers; a list of sizes says it itself")]
    init: Annotated[Initialiser, _one_of(*get_args(Initialiser)), Means("how weights are drawn")]
    bias_init: Annotated[BiasInitialiser, _one_of(*get_args(BiasInitialiser)), Means("how biases are drawn")]

    @property
    def layers(self) -> tuple[int, ...]:
        """The neurons of each hidden layer; a list says its depth itself."""
        return self.hidden if isinstance(self.hidden, tuple) else (self.hidden,) * self.depth


class Extension(Section):
    """The ladder of sizes that share one trajectory, from `base` hidden neurons a layer upwards."""

    rate: Annotated[_Share, Means("share of the remaining weights removed per level")]
    base: Annotated[_Positive, Means("hidden neurons a layer on rung 0")]
    target: Annotated[
        _Positive | None,
        Field(description="must be the weights of a rung, or null for those of the base"),
        Means("weights at the last level"),
    ]


class Geometric(Section):
    """Two of rate, target and levels; the third follows."""

    rate: Annotated[
        _Share | None,
        Field(description="must be above 0 and below 1, or null"),
        Means("share of the remaining parameters removed per level"),
    ]
    target: Annotated[
        _Positive | None,
        Field(description="must be an integer of 1 or more, or null"),
        Means("parameters at the last level"),
    ]
    levels: Annotated[
        Annotated[int, _whole(0, MOST_LEVELS)] | None,
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

    rate: Annotated[_Share, Means("share of the remaining parameters removed per level")]
    density: Annotated[_Share, Means("share of all parameters that is left at the last level")]


class ByLayer(Section):
    """Every layer falls at `rate`, the output layer at `output_rate`; for pruning.scope=layerwise."""

    rate: Annotated[_Share, Means("share of the remaining parameters removed per level")]
    output_rate: Annotated[_Share, Means("that of the output layer")]
    levels: Annotated[int, _whole(0, MOST_LEVELS), Means("prunings")]


def _kind_of_schedule(value: Any) -> str:
    given = value if isinstance(value, Mapping) else dict(value)
    own = {"base": "extension", "density": "todensity", "output_rate": "bylayer"}
    return next((kind for key, kind in own.items() if key in given), "geometric")


class RewindSettings(Piece):
    """What survivors restart from; `step` counts optimisation steps of the dense level."""

    step: Annotated[int, _whole(0), Means("optimisation steps of the dense level before the anchor")] = 0


class PruningSettings(Section):
    """How many go (schedule), which (criterion, scope, biases), when (clock), and where the others restart (rewind).

    `step` and `effective` act while it trains.
    """

    criterion: Piece
    schedule: Annotated[
        Annotated[Extension, Tag("extension")]
        | Annotated[Geometric, Tag("geometric")]
        | Annotated[ToDensity, Tag("todensity")]
        | Annotated[ByLayer, Tag("bylayer")],
        Discriminator(_kind_of_schedule),
    ]
    rewind: RewindSettings
    clock: Piece
    step: Piece | None
    effective: Piece | None
    scope: Annotated[
        Literal["global", "layerwise"],
        _one_of("global", "layerwise"),
        Means("among which weights are the lowest sought: all, or each layer's"),
    ]
    biases: Annotated[_Switch, Means("are biases prunable too?")]


class TrainerSettings(Section):
    """When a level ends, in what batches and numbers it trains, and on what."""

    max_epochs: Annotated[_Positive, Means("epochs of a level at most")]
    patience: Annotated[_Positive, Means("epochs without a new minimum of the validation loss that end a level")]
    loss_cutoff: Annotated[
        _NotNegative | None,
        Field(description="must be a number of 0 or more, or null"),
        Means("a validation loss that ends a level too"),
    ]
    restore: Annotated[Literal["last", "best"], _one_of("last", "best"), Means("the epoch whose weights are kept")]
    batch_size: Annotated[_Positive, Means("samples of an optimisation step")]
    precision: Annotated[Literal["float32", "float64"], _one_of("float32", "float64"), Means("numbers it trains in")]
    tf32: Annotated[_Switch, Means("on a GPU, may products round their inputs to 10 bits for speed?")]
    accelerator: Annotated[
        Literal["cpu", "gpu", "auto"], _one_of("cpu", "gpu", "auto"), Means("what trains; auto is a GPU where one is")
    ]
    workers: Annotated[
        _Positive | None,
        Field(description="must be an integer of 1 or more, or null for one per core"),
        Means("processes of one thread each"),
    ]


class OptimizerSettings(Piece):
    """The keys that optimisers share, where they apply."""

    lr: Annotated[float, Field(gt=0, description="must be a number above 0"), Means("learning rate")]
    weight_decay: Annotated[_NotNegative, Means("share of each weight taken off in a step, over the rate")] = 0.0
    momentum: Annotated[
        float,
        Field(ge=0, lt=1, description="must be a number from 0 to below 1"),
        Means("share of the last step that the next one goes on with"),
    ] = 0.0


class TrackingSettings(Section):
    """Where runs are tracked beside their folders, and under which names."""

    mode: Annotated[Mode, _one_of(*get_args(Mode)), Means("which tracker gets it; chosen as tracking=NAME")]
    project: Annotated[Place, Means("project of the tracked runs")]
    entity: Annotated[PlaceOrNone, Means("user or team; null is that of the key")]
    group: Annotated[GroupOrNone, Means("what the seeds have in common; null is the configuration's hash")]
    job_type: Annotated[JobType, Means("job type of the tracked runs")]
    tags: Annotated[Tags, _Tuple, Means("tags of the tracked runs")]
    notes: Annotated[Notes, Means("notes of the tracked runs")]
    epochs: Annotated[_Switch, Means("also a point per epoch?")]
    picture: Annotated[_Switch, Means("also the tickets' pictures?")]
    ticket: Annotated[_Switch, Means("also the tickets as artifacts?")]


class TicketSettings(Section):
    """How the structure of a ticket is read."""

    degrade_on: Annotated[
        Literal["both", "outputs"],
        _one_of("both", "outputs"),
        Means("a task is degraded when it lacks an input or an output (both), or an output (for images)"),
    ]
    cut_limit: Annotated[int, _whole(0), Means("with more active weights than this the distance to a split is null")]


class OriginSettings(Section):
    """The tickets of another run that this one starts from: where they lie, their level, and their configuration."""

    folder: Annotated[_Text, Means("the run folder whose tickets are trained again")]
    level: Annotated[int, _whole(1), Means("the level of these tickets")]
    run: Annotated[_Text, Means("the hash of the configuration that they were found with")]
    values: Annotated[
        Literal["anchor", "trained"],
        _one_of("anchor", "trained"),
        Means("what the restart sees as the anchor: that of the tickets, or what they were trained to"),
    ]


class Settings(Section):
    """A whole configuration, checked; `seed` holds the seeds of the stack."""

    seed: Annotated[
        tuple[int, ...],
        BeforeValidator(parse_seeds),
        Field(description=ALLOWED),
        Means("the seeds of the stack, which train together"),
    ]
    dataset: DatasetSettings
    model: ModelSettings
    pruning: PruningSettings
    penalty: Piece | None
    learning_rate: Piece | None = None  # configurations that were recorded before there was this key have none
    trainer: TrainerSettings
    optimizer: OptimizerSettings
    tracking: TrackingSettings
    ticket: TicketSettings
    origin: OriginSettings | None = None  # only `lth.retrain` says it
    # configurations that were recorded before there was this key have none
    pictures: Annotated[_Switch, Means("a picture of each seed's ticket?")] = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """What no single key can tell."""
        from lth.settings.errors import ConfigurationError

        if self.tracking.picture and not self.pictures:
            raise ConfigurationError("tracking.picture", True, "needs pictures=true")
        given = self.pruning.criterion.target == _GIVEN
        if given and self.origin is None:
            allowed = "needs the tickets of another run: python -m lth.retrain TICKET"
            raise ConfigurationError("pruning.criterion._target_", _GIVEN, allowed)
        listed = isinstance(self.model.hidden, tuple)
        if listed and self.model.depth not in (2, len(self.model.layers)):
            raise ConfigurationError("model.depth", self.model.depth, "must be left out when model.hidden is a list")
        if isinstance(self.pruning.schedule, ByLayer) and self.pruning.scope != "layerwise":
            allowed = "must be layerwise with pruning/schedule=by_layer"
            raise ConfigurationError("pruning.scope", self.pruning.scope, allowed)
        if isinstance(self.pruning.schedule, Extension) and len(set(self.model.layers)) > 1:
            allowed = "the ladder of pruning/schedule=extension needs hidden layers of one size (or use geometric)"
            raise ConfigurationError("model.hidden", list(self.model.layers), allowed)
        return self
