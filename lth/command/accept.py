"""Whether a composed job may record into a folder, known before anything there changes."""

import os
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from omegaconf import DictConfig

from lth.command.compose import RECORD
from lth.files.atomic import RecordError
from lth.jobs.claim import check_claim
from lth.jobs.devices import accelerator_of, check_trainer
from lth.jobs.origin import check_origin
from lth.jobs.plan import Plan, prepare
from lth.settings import ConfigurationError, check_folder, check_machine


def accept(
    config: DictConfig,
    folder: Path,
    key: str,
    *,
    here: bool = True,
    new: bool = False,
    record: Callable[[], Mapping[str, bytes]] = dict,
) -> Plan:
    """The plan of a composed job, with what makes its record; writes nothing.

    `here` means that it runs on this machine, `new` that nothing will be in the folder, which `key` names.
    Raises ConfigurationError for a job that cannot run or that may not record into this folder.
    """
    if config.hydra.output_subdir is not None:  # Hydra would record the job itself, before anybody may refuse it
        allowed = f"must be null; the record of a run lies in {RECORD}, whatever else is said"
        raise ConfigurationError("hydra.output_subdir", config.hydra.output_subdir, allowed)
    plan = prepare(config, folder.absolute(), record)
    check_origin(plan)
    if here:
        check_machine(plan.settings)
    check_folder(key, folder)
    if not new:
        check_trainer(plan, accelerator_of([plan]), key)
        check_claim(folder, plan.config_hash, key)
    return plan


def new_folder(folder: Path) -> Path:
    """Make this folder, or the first of `folder-2`, `folder-3`, … that is not there: no two processes get the same one.

    Raises RecordError when it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            made = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
            try:
                os.mkdir(made)  # noqa: PTH102
            except FileExistsError:
                continue
            return made
    except OSError as error:
        raise RecordError(folder, error) from error
    raise AssertionError  # numbers do not end
