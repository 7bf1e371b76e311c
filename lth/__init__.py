"""lth: a laboratory for the structure of lottery tickets."""

__version__ = "0.1.0"
