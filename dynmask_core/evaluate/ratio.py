"""How sure a share is that is counted over all samples together, such as F1 of entities or IoU."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Z = 1.96
"""Of a 95 % interval."""


def half_width(part: npt.ArrayLike, whole: npt.ArrayLike) -> float:
    """Half of the 95 % interval of Σ part / Σ whole over samples, [N] each: linearised, as samples and not their units
    are drawn (Cochran 1977, Sampling Techniques, 6.4). 0 for fewer than two samples, and where there is nothing."""
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    count, total = len(top), float(bottom.sum())
    if count < 2 or not total:
        return 0.0
    away = top - top.sum() / total * bottom
    return Z * math.sqrt(count / (count - 1) * float((away**2).sum())) / total
