"""The names of the ways in which a network may start."""

from typing import Literal

# Names of torch.nn.init without their underscore; each draws one layer's weights (out, in).
Initialiser = Literal["kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform", "orthogonal", "normal"]
BiasInitialiser = Literal["zeros", "uniform", "normal"]
