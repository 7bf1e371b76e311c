"""What one control of one seed comes to, for the tests of controls."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lth.controls.asked import Controlled, Training
from lth.controls.known import Control
from lth.controls.train import train
from lth.controls.work import Controls
from lth.training.job import Job


def row_of(job: Job, control: Control, seed: int = 1, level: int = 2) -> Mapping[str, Any]:
    """What one control of one seed came to."""
    said: list[object] = []
    train(Controls(replace(job, seeds=(seed,)), (Training(seed, level, True, control),)), said.append)
    (found,) = [message for message in said if isinstance(message, Controlled)]
    assert found.row is not None
    return found.row
