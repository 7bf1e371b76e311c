"""What one stack is made of, ready to train: the checked settings and the pieces that they name."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from omegaconf import DictConfig

from lth.jobs.pieces import built, built_if_any, called, optimizer_of
from lth.settings import Settings, as_environment_says, config_hash, keeps, plain, read, shape
from lth.settings.errors import from_value_error
from lth.settings.pruning import ByLayer
from lth.settings.resolving import resolved

if TYPE_CHECKING:
    import torch

    from lth.data.dataset import Dataset
    from lth.method.method import Method


@dataclass(frozen=True)
class Outline:
    """What is known of a stack in no time: its settings, its data and the keep of every level.

    `scheduled` are the keeps of the schedule, of which the method's clock may make others.
    """

    settings: Settings
    dataset: "Dataset"
    scheduled: tuple[int, ...]
    keeps: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """One stack: where it is recorded, its settings, its data, the keep of every level, its method and optimiser.

    `optimizer` makes a fresh torch optimiser from parameters; `record` makes the files that the folder keeps of how the
    stack was composed, by their paths in it. Plans share what is equal in them.
    """

    folder: Path
    settings: Settings
    dataset: "Dataset"
    keeps: tuple[int, ...]
    method: "Method"
    optimizer: "Callable[..., torch.optim.Optimizer]"
    record: Callable[[], Mapping[str, bytes]] = dict

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the stack, in the order they were given."""
        return self.settings.seed

    def joined_by(self, seeds: Iterable[int]) -> "Plan":
        """The same plan with these seeds too; in ascending order where they bring any."""
        if set(seeds) <= set(self.seeds):
            return self
        every = tuple(sorted({*self.seeds, *seeds}))
        return replace(self, settings=self.settings.model_copy(update={"seed": every}))

    @property
    def shape(self) -> tuple[int, ...]:
        """Neurons of every layer, inputs and outputs included."""
        return shape(self.settings, self.dataset.inputs, self.dataset.outputs)

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration as plain values, with the names that users type."""
        return plain(self.settings)

    @cached_property
    def config_hash(self) -> str:
        """The configuration without seeds, tracking and machine, as 16 hexadecimal digits."""
        return config_hash(self.settings)


def prepare(config: Mapping[str, Any], folder: Path, record: Callable[[], Mapping[str, bytes]] = dict) -> Plan:
    """The plan of a composed configuration (Hydra's or plain) with this folder and record; writes nothing.

    Raises ConfigurationError for whatever is wrong with it. What the machine must have is not checked here.
    """
    return complete(outline(config), folder, record)


def outline(config: Mapping[str, Any]) -> Outline:
    """What a composed configuration asks for, as `prepare`, before the pieces that import torch are built."""
    settings = as_environment_says(settings_of(config))
    data = dataset_of(settings)
    scheduled = keeps(settings, data.inputs, data.outputs)
    return Outline(settings, data, scheduled, _recorded(settings, scheduled))


def complete(known: Outline, folder: Path, record: Callable[[], Mapping[str, bytes]] = dict) -> Plan:
    """The plan of an outline, its pieces built. Raises ConfigurationError for those that cannot be."""
    settings = known.settings
    return Plan(
        folder=folder,
        settings=settings,
        dataset=known.dataset,
        keeps=known.keeps,
        method=_fitted(known),
        optimizer=optimizer_of(plain(settings)["optimizer"], settings.trainer.accelerator),
        record=record,
    )


def _method(settings: Settings) -> "Method":
    """The parts of the method that the settings name; the same ones for equal settings, since stacks only read them."""
    given = plain(settings)
    pruning = {key: value for key, value in given["pruning"].items() if key != "schedule"}
    others = {name: given[name] for name in ("penalty", "learning_rate")}
    schedule = settings.pruning.schedule
    factor = schedule.output_rate / schedule.rate if isinstance(schedule, ByLayer) else 1.0
    return _built_method(json.dumps({"pruning": pruning, "output_factor": factor, **others}))


def _recorded(settings: Settings, scheduled: tuple[int, ...]) -> tuple[int, ...]:
    """The keep of every level by the method's clock; clocks are built without torch."""
    from lth.method.clock.clock import Clock, recorded

    given = plain(settings)["pruning"]["clock"]
    clock = built("pruning.clock", given, Clock)
    return recorded(called("pruning.clock", partial(clock.segments, scheduled), given))


def _fitted(known: Outline) -> "Method":
    """The method, once each of its parts has said that it fits."""
    from lth.method.fit import Fit

    settings, dataset, method = known.settings, known.dataset, _method(known.settings)
    fit = Fit(shape(settings, dataset.inputs, dataset.outputs), dataset.tasks, known.scheduled, method)
    given = plain(settings)
    for group, part in method.parts.items():
        named = given["penalty"] if group == "penalty" else given["pruning"][group.partition(".")[2]]
        called(group, partial(part.check, fit), named)
    return method


@lru_cache(maxsize=64)
def _built_method(text: str) -> "Method":
    from lth.method.clock.clock import Clock
    from lth.method.criterion.criterion import Criterion
    from lth.method.effective.effective import Effective
    from lth.method.learning_rate.learning_rate import LearningRate
    from lth.method.method import Method
    from lth.method.penalty.penalty import Penalty
    from lth.method.restart.restart import Restart
    from lth.method.step.step import Step

    given = json.loads(text)
    pruning = given["pruning"]
    return Method(
        clock=built("pruning.clock", pruning["clock"], Clock),
        criterion=built("pruning.criterion", pruning["criterion"], Criterion),
        restart=built("pruning.rewind", pruning["rewind"], Restart),
        scope=pruning["scope"],
        biases=pruning["biases"],
        output_factor=given["output_factor"],
        step=built_if_any("pruning.step", pruning["step"], Step),
        effective=built_if_any("pruning.effective", pruning["effective"], Effective),
        penalty=built_if_any("penalty", given["penalty"], Penalty),
        learning_rate=built_if_any("learning_rate", given["learning_rate"], LearningRate),
    )


def settings_of(config: Mapping[str, Any]) -> Settings:
    """The checked settings of a composed configuration (Hydra's or plain). Raises ConfigurationError."""
    return read(resolved(config) if isinstance(config, DictConfig) else config)


def dataset_of(settings: Settings) -> "Dataset":
    """The dataset that the settings name; plans that live share it, and the last few are kept."""
    text = json.dumps(plain(settings)["dataset"], sort_keys=True)
    dataset = _DATASETS.get(text)
    if dataset is None:
        dataset = _DATASETS[text] = _dataset(text)
    return dataset


_DATASETS: "WeakValueDictionary[str, Dataset]" = WeakValueDictionary()


@lru_cache(maxsize=4)
def _dataset(given: str) -> "Dataset":
    from lth.data.dataset import Dataset
    from lth.data.spread import check_data

    described = json.loads(given)
    dataset = built("dataset", described, Dataset)
    try:
        check_data(dataset)
    except ValueError as error:
        raise from_value_error(error, "dataset", described) from None
    return dataset
