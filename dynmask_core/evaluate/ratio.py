"""How sure a share is that is counted over all samples together, such as F1 of entities or IoU."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Z = 1.96
"""Of a 95 % interval."""


FEWEST = 20
"""Of fewer samples the interval holds the truth in less than nine of ten cases."""


def half_width(part: npt.ArrayLike, whole: npt.ArrayLike) -> float | None:
    """Half of the 95 % interval of Σ part / Σ whole over samples, [N] each: linearised, as samples and not their units
    are drawn (Cochran 1977, Sampling Techniques, 6.4). None where it cannot be told: of fewer than FEWEST samples, and
    of samples that are all alike, such as all right."""
    top, bottom = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    count, total = len(top), float(bottom.sum())
    if count < FEWEST or not total:
        return None
    away = top - top.sum() / total * bottom
    if not away.any():
        return None
    return Z * math.sqrt(count / (count - 1) * float((away**2).sum())) / total
