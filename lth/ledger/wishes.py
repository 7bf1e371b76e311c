"""What the notes' to-do lists ask for, and where it is."""

WISHES = (
    ("“I want this model down to 40 params”, and the rate follows",
     "`pruning/schedule=geometric pruning.schedule.target=40 pruning.schedule.levels=10`; any two of the three"),
    ("try without noise", "`make noise-free`"),
    ("the number of prunable and of unprunable parameters that are left", "columns `prunable`, `unprunable`"),
    ("the number of weights and of biases", "columns `weights`, `biases`"),
    ("the number of zombie neurons, live", "columns `zombie_neurons`, `zombie_biases`, `audible_zombies`; live on W&B"),
    ("how close we are to two disconnected models", "columns `cut`, `cut_magnitude`; `make how`"),
    ("the weights over time, without the zeros", "`make weights`; `tickets/seed=S/level=LL.safetensors`"),
    ("stop early", "`trainer.patience=30`, the default"),
    ("two times n moons", "`dataset=n_moons dataset.n=4`; `make tasks`"),
)  # fmt: skip
