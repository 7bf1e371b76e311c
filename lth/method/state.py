"""What the parts of a method see of the seeds that train; lth.stack.state says which names there are."""

from torch import Tensor

State = dict[str, Tensor]  # by name; most are (R, size) in the canonical order of a Layout
