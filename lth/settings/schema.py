"""The schema of a configuration: its keys, their types and ranges, and what fits what within it.

The YAML files of conf/ hold the defaults, all of them: a key that is missing is an error. What a field allows is its
description, which is the text users get when they typed something else; what it is for is its Means.
"""

from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from lth.settings.fields import Listed, NotNegative, Piece, Positive, Section, Switch, Text, one_of, whole
from lth.settings.initialisers import BiasInitialiser, Initialiser
from lth.settings.meaning import Means
from lth.settings.modes import Mode
from lth.settings.names import GroupOrNone, JobType, Notes, Place, PlaceOrNone, Tags
from lth.settings.pruning import ByLayer, Extension, PruningSettings
from lth.settings.seeds import ALLOWED, parse_seeds

_GIVEN = "lth.method.criterion.given.Given"


class DatasetSettings(Piece):
    """The keys that datasets share, where they apply; sizes are samples."""

    noise: Annotated[NotNegative, Means("deviation of the noise on the samples")] = 0.0
    n_train: Annotated[int, whole(1, 10**6), Means("samples to train on")] = 1
    n_val: Annotated[int, whole(1, 10**6), Means("samples that tell when a level ends")] = 1
    n_test: Annotated[int, whole(1, 10**6), Means("samples that only the table sees")] = 1
    seed: Annotated[int, whole(0), Means("of the data alone; the networks have their own")] = 0
    noise_inputs: Annotated[int, whole(0, 10**4), Means("standard-normal inputs that belong to no task")] = 0
    n: Annotated[int, whole(2, 1000), Means("tasks side by side")] = 2


_Size = Annotated[int, whole(1, 10**6)]


class ModelSettings(Section):
    """The shape of the network and how it starts."""

    hidden: Annotated[
        _Size | Annotated[tuple[_Size, ...], Field(min_length=1, max_length=4)],
        Listed,
        Field(description="must be an integer from 1 to 1000000, or a list of 1 to 4 such"),
        Means("neurons of each hidden layer, or a list with one size a layer; with -m 8,..,57 is the ladder"),
    ]
    depth: Annotated[int, whole(1, 4), Means("hidden layers; a list of sizes says it itself")]
    init: Annotated[Initialiser, one_of(*get_args(Initialiser)), Means("how weights are drawn")]
    bias_init: Annotated[BiasInitialiser, one_of(*get_args(BiasInitialiser)), Means("how biases are drawn")]

    @property
    def layers(self) -> tuple[int, ...]:
        """The neurons of each hidden layer; a list says its depth itself."""
        return self.hidden if isinstance(self.hidden, tuple) else (self.hidden,) * self.depth


class TrainerSettings(Section):
    """When a level ends, in what batches and numbers it trains, and on what."""

    max_epochs: Annotated[Positive, Means("epochs of a level at most")]
    patience: Annotated[Positive, Means("epochs without a new minimum of the validation loss that end a level")]
    loss_cutoff: Annotated[
        NotNegative | None,
        Field(description="must be a number of 0 or more, or null"),
        Means("a validation loss that ends a level too"),
    ]
    restore: Annotated[Literal["last", "best"], one_of("last", "best"), Means("the epoch whose weights are kept")]
    batch_size: Annotated[Positive, Means("samples of an optimisation step")]
    precision: Annotated[Literal["float32", "float64"], one_of("float32", "float64"), Means("numbers it trains in")]
    tf32: Annotated[Switch, Means("on a GPU, may products round their inputs to 10 bits for speed?")]
    accelerator: Annotated[
        Literal["cpu", "gpu", "auto"], one_of("cpu", "gpu", "auto"), Means("what trains; auto is a GPU where one is")
    ]
    workers: Annotated[
        Positive | None,
        Field(description="must be an integer of 1 or more, or null for one per core"),
        Means("processes of one thread each"),
    ]


class OptimizerSettings(Piece):
    """The keys that optimisers share, where they apply."""

    lr: Annotated[float, Field(gt=0, description="must be a number above 0"), Means("learning rate")]
    weight_decay: Annotated[NotNegative, Means("share of each weight taken off in a step, over the rate")] = 0.0
    momentum: Annotated[
        float,
        Field(ge=0, lt=1, description="must be a number from 0 to below 1"),
        Means("share of the last step that the next one goes on with"),
    ] = 0.0


class TrackingSettings(Section):
    """Where runs are tracked beside their folders, and under which names."""

    mode: Annotated[Mode, one_of(*get_args(Mode)), Means("which tracker gets it; chosen as tracking=NAME")]
    project: Annotated[Place, Means("project of the tracked runs")]
    entity: Annotated[PlaceOrNone, Means("user or team; null is that of the key")]
    group: Annotated[GroupOrNone, Means("what the seeds have in common; null is the configuration's hash")]
    job_type: Annotated[JobType, Means("job type of the tracked runs")]
    tags: Annotated[Tags, Listed, Means("tags of the tracked runs")]
    notes: Annotated[Notes, Means("notes of the tracked runs")]
    epochs: Annotated[Switch, Means("also a point per epoch?")]
    picture: Annotated[Switch, Means("also the tickets' pictures?")]
    ticket: Annotated[Switch, Means("also the tickets as artifacts?")]


class TicketSettings(Section):
    """How the structure of a ticket is read."""

    degrade_on: Annotated[
        Literal["both", "outputs"],
        one_of("both", "outputs"),
        Means("a task is degraded when it lacks an input or an output (both), or an output (for images)"),
    ]
    cut_limit: Annotated[int, whole(0), Means("with more active weights than this the distance to a split is null")]


class OriginSettings(Section):
    """The tickets of another run that this one starts from: where they lie, their level, and their configuration."""

    folder: Annotated[Text, Means("the run folder whose tickets are trained again")]
    level: Annotated[int, whole(1), Means("the level of these tickets")]
    run: Annotated[Text, Means("the hash of the configuration that they were found with")]
    values: Annotated[
        Literal["anchor", "trained"],
        one_of("anchor", "trained"),
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
    pictures: Annotated[Switch, Means("a picture of each seed's ticket?")] = True

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
