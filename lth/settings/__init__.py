"""The schema of a configuration and its checks: ranges, what fits what, and what the machine must have."""

from lth.settings.errors import ConfigurationError, GridError, SweepError
from lth.settings.pruning import Extension
from lth.settings.reading import config_hash, plain, read
from lth.settings.schema import Settings
from lth.settings.seeds import parse_seeds, write_seeds
from lth.settings.surroundings import FULL, check_folder, check_launcher, check_machine, check_sweeper
from lth.settings.tracking import as_environment_says
from lth.settings.trajectory import keeps, ladder, nearest_rung, rungs, shape

__all__ = [
    "FULL",
    "ConfigurationError",
    "Extension",
    "GridError",
    "Settings",
    "SweepError",
    "as_environment_says",
    "check_folder",
    "check_launcher",
    "check_machine",
    "check_sweeper",
    "config_hash",
    "keeps",
    "ladder",
    "nearest_rung",
    "parse_seeds",
    "plain",
    "read",
    "rungs",
    "shape",
    "write_seeds",
]
