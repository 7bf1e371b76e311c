"""Run folders → the flat tables of an experiment, which figures and verdicts are made from."""

from lth.collect.experiments import CollectError, known
from lth.collect.reading import Missing, Shelf, Tables, path_of, read, stored, whole
from lth.collect.tables import collect

__all__ = ["CollectError", "Missing", "Shelf", "Tables", "collect", "known", "path_of", "read", "stored", "whole"]
