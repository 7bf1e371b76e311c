"""Whether a composed job may record into a folder, known before anything there changes."""

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

from omegaconf import DictConfig

from lth.command.compose import RECORD
from lth.files.atomic import RecordError
from lth.jobs.claim import check_claim, check_keys
from lth.jobs.devices import accelerator_of, check_trainer
from lth.jobs.origin import check_origin
from lth.jobs.plan import Outline, Plan, complete, outline
from lth.settings import ConfigurationError, check_folder, check_machine, plain


def foresee(config: DictConfig, folder: Path, key: str, *, here: bool = True, new: bool = False) -> Outline:
    """What a composed job asks for, where all that is known in no time allows it; writes nothing.

    `here` means that it runs on this machine, `new` that nothing will be in the folder, which `key` names.
    Raises ConfigurationError for a job that cannot run or that may not record into this folder.
    """
    if config.hydra.output_subdir is not None:  # Hydra would record the job itself, before anybody may refuse it
        allowed = f"must be null; the record of a run lies in {RECORD}, whatever else is said"
        raise ConfigurationError("hydra.output_subdir", config.hydra.output_subdir, allowed)
    known = outline(config)
    if here:
        check_machine(known.settings)
    check_folder(key, folder)
    if not new:
        check_trainer(folder, accelerator_of([known]), key)
        check_keys(folder, plain(known.settings), key)
    return known


def accept(
    known: Outline,
    folder: Path,
    key: str,
    *,
    new: bool = False,
    record: Callable[[], Mapping[str, bytes]] = dict,
) -> Plan:
    """The plan of a job that was foreseen, with what makes its record; writes nothing.

    It builds the pieces, which takes a second or two. Raises ConfigurationError as `foresee`.
    """
    plan = complete(known, folder.absolute(), record)
    check_origin(plan)
    if not new:
        check_claim(folder, plan.config_hash, key, plan.config)
    return plan


def new_folder(folder: Path) -> Path:
    """Make this folder, or the first of `folder-2`, `folder-3`, … that is not there: no two processes get the same one.

    Raises RecordError when it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        for made in _names(folder):
            try:
                os.mkdir(made)  # noqa: PTH102
            except FileExistsError:
                continue
            return made
    except OSError as error:
        raise RecordError(folder, error) from error
    raise AssertionError  # numbers do not end


def free_folder(folder: Path) -> Path:
    """The folder that `new_folder` would make now; another process may be faster."""
    return next(name for name in _names(folder) if not os.path.lexists(name))


def _names(folder: Path) -> Iterator[Path]:
    yield folder
    for number in count(2):
        yield folder.with_name(f"{folder.name}-{number}")
