"""The reduced form of every experiment: what is typed for it, and how many stacks of which keys it has."""

from lth.command.run import start

SMALL = {"n_train": 70, "n_val": 40, "n_test": 40}
# Two sizes or two values of one key at most; a key that is not here keeps its whole grid.
REDUCED = {
    "biases": "model.hidden=10 pruning.biases=true pruning.scope=global dataset.seed=100",
    "depths": "model.depth=1,2 model.hidden=29 dataset.seed=100",
    "boolean": "model.hidden=8 pruning.schedule.target=120 dataset.shared_inputs=0,4 dataset.seed=100",
    "budget": "model.hidden=8,9 dataset.n=2,3 dataset.seed=100 pruning.schedule.density=0.5",
    "backward": "model.hidden=10 dataset.seed=100",
    "bridge": "model.hidden=10 dataset.seed=100",
    "digits-pair": "model.hidden=[12,8] pruning.schedule.target=600",
    "extension": "hydra.sweeper.max_rung=1",
    "extension-1": "hydra.sweeper.max_rung=1",
    "extension-3": "hydra.sweeper.max_rung=4",
    "fashion": "model.hidden=[8,8] pruning.schedule.levels=2",
    "fixed-levels": "model.hidden=10,13 pruning.schedule.levels=2",
    "how": "model.hidden=10",
    "independence": "model.hidden=10 dataset.shared=inputs,labels dataset.share=0.2,1 dataset.seed=100",
    "lenet": "model.hidden=[8,8] pruning.schedule.levels=2",
    "levels": "model.hidden=10 pruning.schedule.levels=range(1,3)",
    "levels-vs-size": "model.hidden=10,13 pruning.schedule.levels=2",
    "lottery": "model.hidden=10",
    "main": "hydra.sweeper.max_rung=1 dataset.seed=100",
    "mnist": "model.hidden=[8,8] pruning.schedule.levels=2",
    "mnist-fashion": "model.hidden=[8,8] pruning.schedule.levels=2",
    "mnist1d": "model.hidden=[8,8] dataset.seed=100,101",
    "negative": "model.hidden=10 dataset.control=same,rotated dataset.seed=100",
    "noise-free": "model.hidden=10 dataset.noise=0,0.3",
    "noise-inputs": "model.hidden=10 dataset.noise_inputs=2,8",
    "null-models": "model.hidden=10",
    "one-bit": "model.hidden=8 pruning.schedule.target=700 dataset.seed=100",
    "regression": "model.hidden=10",
    "tasks": "model.hidden=8 dataset.n=2,6",
    "tasks-unequal": "model.hidden=8",
    "weights": "model.hidden=10,13",
    "zombies": "model.hidden=10 model.bias_init=normal pruning.biases=true optimizer.weight_decay=0,1",
}
# Stacks in the reduced form, and the keys that vary in them.
STACKS = {
    "backward": 3, "biases": 2, "depths": 2, "main": 2,
    "boolean": 2, "budget": 2, "independence": 2, "negative": 2, "one-bit": 2,
    "extension": 2, "extension-1": 2, "extension-3": 3, "fixed-levels": 2, "levels": 2, "levels-vs-size": 2,
    "mnist1d": 2, "noise-free": 2, "noise-inputs": 2, "null-models": 2, "regression": 2, "tasks": 2, "weights": 2,
    "zombies": 2,
}  # fmt: skip
VARYING = {
    "backward": {"pruning.criterion._target_", "pruning.clock._target_"},
    **{
        name: {"model.hidden"}
        for name in ("extension", "extension-1", "extension-3", "fixed-levels", "main", "weights")
    },
    "biases": {"model.bias_init"},
    "depths": {"model.depth"},
    "boolean": {"dataset.shared_inputs"},
    "budget": {"dataset.n", "model.hidden"},
    "independence": {"dataset.shared", "dataset.share"},
    "negative": {"dataset.control"},
    "one-bit": {"dataset.bit"},
    "levels": {"pruning.schedule.levels"},
    "levels-vs-size": {"model.hidden"},
    "noise-free": {"dataset.noise"},
    "noise-inputs": {"dataset.noise_inputs"},
    "mnist1d": {"dataset.seed"},
    "null-models": {"pruning.criterion._target_"},
    "regression": {"dataset._target_"},
    "tasks": {"dataset.n"},
    "zombies": {"optimizer.weight_decay"},
}


def sweep(name: str, *overrides: str) -> int:
    """`python -m lth.run -m experiment=NAME …`, reduced."""
    small = [f"dataset.{key}={value}" for key, value in SMALL.items()]
    given = ["seed=0..1", "tracking=off", "trainer.max_epochs=2", "trainer.accelerator=cpu"]
    return start(["-m", f"experiment={name}", *small, *given, *REDUCED[name].split(), *overrides])
