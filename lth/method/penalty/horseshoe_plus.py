"""A horseshoe on a horseshoe."""

from dataclasses import dataclass

import numpy as np

from lth.method.penalty.scale_mixture import ScaleMixture


@dataclass(frozen=True)
class HorseshoePlus(ScaleMixture):
    """w ~ N(0, λ²·tau²), p(λ) = 4/π²·log λ/(λ² − 1): λ is the product of two half-Cauchy numbers.

    The price is that of ScaleMixture. Source: Bhadra et al., The Horseshoe+ Estimator of Ultra-Sparse Signals, 2017.
    """

    def log_density(self, log_scale: np.ndarray) -> np.ndarray:
        """See ScaleMixture; log λ/(λ² − 1) = t/(e^{2t} − 1), which is ½ at t = 0."""
        near = np.abs(log_scale) < 1e-8
        t = np.where(near, 1.0, log_scale)
        # By |t|, for e^{2t} has no room at large t; a negative t gives the same with e^{−2t}.
        size = np.abs(t)
        logs = np.log(size) - np.log(-np.expm1(-2 * size)) - np.where(t > 0, 2 * size, 0)
        return np.where(near, np.log(0.5), logs)
