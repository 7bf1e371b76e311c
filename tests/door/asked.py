"""What tests of the door ask for, and read in folders."""

from pathlib import Path

SMALL = ("dataset.n_train=60", "dataset.n_val=40", "dataset.n_test=40")


SHORT = ("trainer.max_epochs=4", "trainer.patience=2")


PRUNING = {"rate": 0.4, "levels": 2}


TYPED = ("pruning/schedule=geometric", "pruning.schedule.rate=0.4", "pruning.schedule.levels=2")


def tensors(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.safetensors"))}


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
