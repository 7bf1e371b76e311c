"""Every way of pruning asked the same question: `python -m lth.comparison`."""
