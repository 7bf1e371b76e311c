"""The door from Python: train a stack as the command line does, and have its tables and tickets in hand."""

from lth.door.one_stack import train
from lth.door.runs import Runs

__all__ = ["Runs", "train"]
