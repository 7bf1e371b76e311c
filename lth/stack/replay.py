"""Device work recorded once as a CUDA graph and replayed: one launch for a whole epoch."""

from collections.abc import Callable

import torch


def replayed(work: Callable[[], None]) -> Callable[[], None]:
    """A call that replays `work` as a CUDA graph, recorded here without being carried out.

    `work` must have run before, read and write the same tensors every time, and never ask the device for a value.
    """
    graph = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        work()
    return graph.replay
