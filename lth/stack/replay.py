"""Device work recorded once as a CUDA graph and replayed: one launch for a whole epoch."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch.optim import Optimizer


def replayed(work: Callable[[], None], optimizer: Optimizer) -> Callable[[], None]:
    """A call that replays `work` as a CUDA graph, recorded here without being carried out.

    `work` must have run before, read and write the same tensors every time, and never ask the device for a value;
    the optimiser that steps in it must be replayable.
    """
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with _capturable(optimizer), torch.cuda.graph(graph):
        work()
    return graph.replay


@contextmanager
def _capturable(optimizer: Optimizer) -> Iterator[None]:
    """PyTorch records no step unless this is said; said outside of a recording, it slows the steps there and warns."""
    before = [(group, group["capturable"]) for group in optimizer.param_groups if "capturable" in group]
    for group, _ in before:
        group["capturable"] = True
    try:
        yield
    finally:
        for group, said in before:
            group["capturable"] = said
