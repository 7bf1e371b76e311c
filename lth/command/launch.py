"""Hydra, started from within: what it would print and exit on is raised here."""

import os
import sys
from collections.abc import Sequence

import hydra
from hydra.types import TaskFunction
from omegaconf import DictConfig

from lth.command.compose import Source
from lth.settings.conf import CONF


def launch(job: TaskFunction, arguments: Sequence[str]) -> None:
    """Have Hydra do what the arguments say, calling the job once for every stack."""
    argv, shown = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    sys.argv = [argv[0], *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises, where it would print and exit on its own
    try:
        hydra.main(version_base="1.3", config_path=str(CONF), config_name=Source.name)(job)()
    finally:
        sys.argv = argv
        if shown is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = shown


def launch_single(job: TaskFunction, arguments: Sequence[str]) -> None:
    """The same for one job; what it raises goes round Hydra, which would print its overrides before it."""
    raised: list[Exception] = []

    def caught(cfg: DictConfig) -> int:
        try:
            return job(cfg)
        except Exception as error:  # noqa: BLE001  raised again below
            raised.append(error)
            return 1

    launch(caught, arguments)
    for error in raised:
        raise error
