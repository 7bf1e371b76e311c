"""Which methods stand in one panel."""

FAMILIES = {
    "iterative": ("magnitude", "random", "late", "learning_rate", "one_shot", "all_alive", "early_bird"),
    "while training": ("every_epoch", "snip_it_during", "sign_flip", "flipout", "hybrid", "targeted_dropout"),
    "before training": ("snip", "snip_it", "grasp", "synflow"),
    "curvature, structure": ("obd", "obs", "snap_it", "neuron", "residual", "bimt", "locality"),
    "masks and signs": ("supermask", "edge_popup", "sign_constant", "freeze", "large", "small"),
    "uncertainty and L0": ("bayes", "spike", "l0", "sparse_vd", "annealed", "approximate_l0", "literal"),
    "heavy tails": ("map_", "l1", "lp", "student", "log_student", "cauchy", "horseshoe", "jeffreys", "inverse_gamma", "normal"),
    "shared weights": ("weight_sharing", "soft"),
}  # fmt: skip
REST = "others"


def family(method: str) -> str:
    """The family of a method: the one that names the longest beginning of its name."""
    found = [(len(start), name) for name, starts in FAMILIES.items() for start in starts if method.startswith(start)]
    return max(found)[1] if found else REST
