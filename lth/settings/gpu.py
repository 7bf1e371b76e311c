"""Whether torch has a GPU here; where it cannot have one, torch, which takes a second to import, is not asked."""

import re
import sys
from ctypes import CDLL
from functools import cache
from importlib.util import find_spec
from pathlib import Path


def has_gpu() -> bool:
    """Whether torch can train on a GPU of this machine."""
    if "torch" not in sys.modules and _cannot_be():
        return False
    import torch

    return torch.cuda.is_available()


@cache
def _cannot_be() -> bool:
    """Whether torch was built for no GPU, or for NVIDIA's without their driver being here."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    built = dict(re.findall(r"^(cuda|hip|xpu)\b[^=\n]*=\s*(.+)$", text, re.MULTILINE))
    if built.get("hip", "None") != "None" or "cuda" not in built:
        return False
    return built["cuda"] == "None" or not _has_driver()


def _has_driver() -> bool:
    try:
        CDLL("libcuda.so.1")
    except OSError:
        return False
    return True
