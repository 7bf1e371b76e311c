"""Which methods stand in one panel."""

FAMILIES = {
    "iterative": ("magnitude", "random", "late", "learning_rate", "one_shot", "all_alive", "early_bird"),
    "while training": ("every_epoch", "snip_it_during", "sign_flip", "flipout", "hybrid", "targeted_dropout"),
    "before training": ("snip", "snip_it", "grasp", "synflow"),
    "curvature, structure": ("obd", "obs", "snap_it", "neuron", "residual", "bimt"),
    "masks and signs": ("supermask", "edge_popup", "gem_miner", "sign_constant", "freeze", "untrained"),
    "uncertainty and L0": ("bayes", "spike", "l0", "sparse_vd", "approximate_l0"),
    "heavy tails, shared weights": ("map_", "l1", "soft_weight_sharing"),
}  # fmt: skip
REST = "others"


def family(method: str) -> str:
    """The family of a method: the one that names the longest beginning of its name."""
    found = [(len(start), name) for name, starts in FAMILIES.items() for start in starts if method.startswith(start)]
    return max(found)[1] if found else REST
