"""Figures of an experiment, one module each: `python -m lth.figures NAME DIR`; no torch, no Hydra, no Lightning."""
