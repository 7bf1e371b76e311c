"""What trains the stacks of some plans: which accelerator, and how many worker processes."""

from collections.abc import Sequence

from lth.jobs.cores import available
from lth.jobs.plan import Plan

GPU_WORKERS = 4  # stacks of different sizes in flight, so that small ones fill the card


def accelerator_of(plans: Sequence[Plan]) -> str:
    """cpu or gpu, as the plans ask for; auto is a GPU where there is one."""
    asked = {plan.settings.trainer.accelerator for plan in plans}
    if "gpu" in asked:
        return "gpu"
    if "auto" in asked:
        import torch

        return "gpu" if torch.cuda.is_available() else "cpu"
    return "cpu"


def device_of(accelerator: str) -> str:
    """The name of the device that an accelerator is here."""
    if accelerator == "cpu":
        return "cpu"
    import torch

    return torch.cuda.get_device_name()


def workers_for(plans: Sequence[Plan], accelerator: str) -> int:
    """The number of worker processes: as configured, else one per core, or a few for a GPU; never more than seeds."""
    configured = max((plan.settings.trainer.workers or 0 for plan in plans), default=0)
    if not configured:
        configured = available()
        if accelerator == "gpu":
            configured = min(configured, GPU_WORKERS)
    return max(1, min(configured, sum(len(plan.seeds) for plan in plans)))
