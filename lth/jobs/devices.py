"""What trains the stacks of some plans: which accelerator, and how many worker processes."""

from collections.abc import Sequence
from pathlib import Path

from lth.jobs.cores import available
from lth.jobs.plan import Outline, Plan
from lth.record import summary_file
from lth.settings import ConfigurationError
from lth.settings.gpu import has_gpu
from lth.stack import kernel

GPU_WORKERS = 4  # stacks of different sizes in flight, so that small ones fill the card


def accelerator_of(plans: Sequence[Plan | Outline]) -> str:
    """cpu or gpu, as the plans ask for; auto is a GPU where there is one."""
    asked = {plan.settings.trainer.accelerator for plan in plans}
    if "gpu" in asked:
        return "gpu"
    if "auto" in asked:
        return "gpu" if has_gpu() else "cpu"
    return "cpu"


def device_of(accelerator: str) -> str:
    """The name of the device that an accelerator is here."""
    if accelerator == "cpu":
        return "cpu"
    import torch

    return torch.cuda.get_device_name()


def trained_by(accelerator: str) -> str:
    """What trains on an accelerator here; runs of different trainers differ in their last bits."""
    return kernel.trained_by() if accelerator == "cpu" else "torch"


def check_trainer(folder: Path, accelerator: str, key: str) -> None:
    """Raise ConfigurationError when the folder was begun by another trainer than would go on with it here."""
    try:
        before = summary_file.read(folder / "summary.json")["trained_by"]
    except (OSError, ValueError):
        return
    now = trained_by(accelerator)
    if before is None:
        allowed = f"was begun by an earlier version, whose numbers differ in their last bits from those of {now}"
    elif before != now:
        allowed = f"was begun by {before}, here {now} would go on"
        if now == "torch" and accelerator == "cpu":
            allowed += f" (no kernel: {kernel.why_not()})"
    else:
        return
    raise ConfigurationError(key, folder, f"{allowed}; must be another folder")


def workers_for(plans: Sequence[Plan | Outline], accelerator: str) -> int:
    """The number of worker processes: as configured, else one per core, or a few for a GPU; never more than seeds."""
    configured = max((plan.settings.trainer.workers or 0 for plan in plans), default=0)
    if not configured:
        configured = available()
        if accelerator == "gpu":
            configured = min(configured, GPU_WORKERS)
    return max(1, min(configured, sum(len(plan.settings.seed) for plan in plans)))
