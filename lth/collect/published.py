"""What the thesis published of its main experiment."""

# Four seeds per rung, read off the figure of "Winning the Lottery Twice": separated, separated-degraded,
# interconnected, degraded.
OUTCOMES_PER_RUNG = (
    *[(0, 0, 4, 0)] * 7, (1, 0, 3, 0), (1, 0, 3, 0), (4, 0, 0, 0), (2, 0, 1, 1), (3, 0, 1, 0), (3, 1, 0, 0),
    (3, 0, 1, 0), (3, 1, 0, 0), (4, 0, 0, 0), (3, 1, 0, 0), (2, 1, 0, 1), (3, 0, 0, 1), (1, 2, 0, 1), (1, 3, 0, 0),
    (3, 1, 0, 0), (2, 2, 0, 0), (3, 0, 0, 1), (0, 2, 0, 2), (1, 2, 0, 1),
)  # fmt: skip
ORDER = ("separated", "separated-degraded", "interconnected", "degraded")
SEEDS = 4
