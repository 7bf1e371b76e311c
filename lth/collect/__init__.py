"""Run folders → the flat tables of an experiment, which figures and verdicts are made from."""

from lth.collect.experiments import CollectError, known
from lth.collect.tables import Tables, collect, read

__all__ = ["CollectError", "Tables", "collect", "known", "read"]
