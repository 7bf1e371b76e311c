"""Random generators that belong to one seed alone, whatever it is stacked with."""

import hashlib

import torch


def generator(seed: int, purpose: str, level: int = 0, device: torch.device | str = "cpu") -> torch.Generator:
    """The generator of one seed for one purpose at one level, from a stable hash of exactly these three.

    Equal arguments give equal streams in every process and version of Python; different ones give unrelated streams.
    `purpose` is a short word for what is drawn ("init", "batches", "reinit", "random"). Streams of different devices
    differ, as in PyTorch. Raises ValueError for a negative level.
    """
    if level < 0:
        raise ValueError(f"level={level}: a level is 0 or more")
    key = repr((int(seed), str(purpose), int(level))).encode()
    number = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")
    # 63 bits: every backend takes a non-negative int64 as its seed.
    return torch.Generator(device=device).manual_seed(number >> 1)
