"""Masks over the bands of a sound, for the player."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt


def band_values(
    masks: npt.NDArray[np.floating], recorded: Mapping[tuple[int, int], np.ndarray]
) -> npt.NDArray[np.uint8] | None:
    """uint8 [A, E, T, bands]: what was recorded, and elsewhere the mask of the whole unit for each of its bands; None
    if nothing was.

    masks: [A, E, T] in [0, 1], NaN if unknown. recorded: (arm, epoch) → uint8 [T, bands].
    """
    if not recorded:
        return None
    count = next(iter(recorded.values())).shape[-1]
    whole = np.rint(np.nan_to_num(masks, nan=1.0) * 255).astype(np.uint8)
    bands = np.repeat(whole[..., None], count, axis=-1)
    for place, values in recorded.items():
        bands[place] = values
    return bands
