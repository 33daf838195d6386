"""Handwritten digits, 8 × 8 pixels: the UCI test set that comes with scikit-learn (Alpaydin & Kaynak 1998)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dynmask_core.data.media import picture_of
from dynmask_core.data.table import Table


def digits() -> Table:
    """1,797 pictures; columns `image` and `label`, "0" to "9"."""
    # Loaded here: it takes a second, and few need it.
    from sklearn.datasets import load_digits

    found = load_digits()
    pixels = np.rint(found.images * 255 / 16).astype(np.uint8)
    cells = {"image": [picture_of(one) for one in pixels], "label": [str(label) for label in found.target]}
    return Table(pd.DataFrame(cells, dtype=object), "png", name="digits")
