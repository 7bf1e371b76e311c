"""Scale mixtures whose variance has a beta-prime distribution: the horseshoe, inverse-gamma–gamma and others."""

from dataclasses import dataclass

import numpy as np

from lth.method.penalty.scale_mixture import ScaleMixture


@dataclass(frozen=True)
class BetaPrime(ScaleMixture):
    """w ~ N(0, λ²·tau²), p(λ²) ∝ (λ²)^(b−1)·(1 + λ²)^(−a−b): p(w) ∝ U(a + ½, 3/2 − b, z), U of Tricomi.

    `b` says how sharp it is at 0 (without bound from ½ down), `a` how heavy its tail. The horseshoe is a = b = ½, where
    p(w) ∝ e^z·E₁(z); inverse-gamma–gamma a = ½ + 1/n and b = 1/n for n weights; normal-exponential-gamma b = 1. The
    price is that of ScaleMixture; a and b must be from 0.001 to 100. Sources: Carvalho et al., The Horseshoe Estimator
    for Sparse Signals, 2010; Bai & Ghosh, The Inverse Gamma-Gamma Prior, 2018; Griffin & Brown, Inference with
    Normal-gamma Prior Distributions, 2010.
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("a", "b"):
            if not 1e-3 <= getattr(self, name) <= 100:
                raise ValueError(f"{name}={getattr(self, name)}: must be from 0.001 to 100")

    def log_density(self, log_scale: np.ndarray) -> np.ndarray:
        """See ScaleMixture."""
        return (2 * self.b - 1) * log_scale - (self.a + self.b) * np.logaddexp(0, 2 * log_scale)
