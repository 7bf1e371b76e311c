"""`lth.train`: one stack, composed, checked and carried out as `python -m lth.run` does it."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from lth.command.accept import accept, foresee
from lth.command.compose import compose, pack_seeds, quoted, record_of
from lth.data.dataset import Dataset
from lth.data.stored import hold, to_bytes
from lth.door.asked import arrays_asked, choice, hidden_asked, pruning_asked, seeds_asked
from lth.door.runs import Runs
from lth.jobs.claim import KEY
from lth.jobs.execute import execute
from lth.jobs.plan import Plan
from lth.jobs.pool import warm_up
from lth.settings import ConfigurationError
from lth.terminal import silent

ARRAYS = "dataset.safetensors"  # in the run folder of a dataset that no configuration can build
_IN_MEMORY = ("tracking=off", "pictures=false")  # of runs whose folder is theirs alone: nobody would look at these


def train(
    dataset: Dataset | str = "moons_circles",
    *overrides: str,
    hidden: int | Iterable[int] | None = None,
    seeds: int | str | Iterable[int] | None = None,
    pruning: str | Mapping[str, Any] | None = None,
    folder: str | Path | None = None,
    progress: bool = True,
) -> Runs:
    """Train one network per seed through all its levels, as one stack; what is left out is as on the command line.

    It is one configuration: for a sweep call it in a loop, with a `folder` for each below one that holds them all.

    `dataset` is one of `lth.Dataset.from_arrays`, or a name of conf/dataset. `hidden` is the size of all hidden layers,
    or a list of one size each; `seeds` one seed, several, or text ("0..9"); `pruning` a preset's name, or its keys:
    {"rate": 0.3, "levels": 8} are those of a geometric schedule, {"criterion": "movement"} chooses a part. Further
    `overrides` are as typed ("trainer.patience=10"). In `folder` everything is recorded, and a second call goes on from
    what is there, with more seeds if need be; without one the runs lie in a folder that goes with them, untracked.

    A seed that fails is named in `Runs.failed`. Raises ConfigurationError before anything trains, RecordError when the
    folder cannot be written, and KeyboardInterrupt once what is finished is recorded.
    """
    place = Path(tempfile.mkdtemp(prefix="lth-") if folder is None else folder).absolute()
    defaults = _IN_MEMORY if folder is None else ()
    try:
        with _own_surroundings():
            warm_up()  # it imports in the time that the checks take
            plan = _plan(dataset, [*defaults, *_asked(hidden, seeds, pruning), *overrides], place, new=folder is None)
            with nullcontext() if progress else silent():
                execute([plan])
    except BaseException:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return Runs(place, dataset=plan.dataset, passing=folder is None)


def _asked(hidden: Any, seeds: Any, pruning: Any) -> list[str]:
    return [
        *([] if hidden is None else [hidden_asked(hidden)]),
        *([] if seeds is None else [seeds_asked(seeds)]),
        *([] if pruning is None else pruning_asked(pruning)),
    ]


def _plan(dataset: Dataset | str, overrides: list[str], folder: Path, *, new: bool) -> Plan:
    """The plan that the command line would make of these overrides; a dataset in memory is part of its record."""
    if isinstance(dataset, str):
        data = [f"dataset={choice('dataset', dataset)}"]
    elif isinstance(dataset, Dataset):
        data = arrays_asked(hold(dataset), folder / ARRAYS)
    else:
        raise ConfigurationError("dataset", type(dataset).__name__, "must be an lth.Dataset, or a name of conf/dataset")
    config = compose(pack_seeds([*data, *overrides, f"{KEY}={quoted(str(folder))}"]))
    with open_dict(config):
        config.hydra.runtime.output_dir = str(folder)
    HydraConfig.instance().set_config(config)
    own = OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])
    record = partial(_record, own, OmegaConf.create({"hydra": config.hydra}), dataset)
    known = foresee(config, folder, "folder", new=new)
    return accept(known, folder, "folder", new=new, record=record)


def _record(own: DictConfig, hydra: DictConfig, dataset: Dataset | str) -> dict[str, bytes]:
    """What a run's folder says of how it was composed, and the data that it was composed of."""
    arrays = {} if isinstance(dataset, str) else {ARRAYS: to_bytes(dataset)}
    return record_of(own, hydra) | arrays


@contextmanager
def _own_surroundings() -> Iterator[None]:
    """Hydra's state and the environment are the caller's again afterwards; within, no Hydra of theirs runs."""
    state, running = HydraConfig.instance().cfg, GlobalHydra.instance().hydra
    environment = dict(os.environ)
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        HydraConfig.instance().cfg = state
        GlobalHydra.instance().hydra = running
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update(environment)
