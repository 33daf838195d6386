"""Objects in pictures: how well marked patches cover them, and the boxes that can be read from the marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dynmask_core.evaluate.ratio import half_width

# SciPy is loaded where it is used: pages read the register of tasks without it.
Marked = npt.NDArray[np.bool_]
"""bool [rows, columns]: which patches of a picture are marked."""
Numbered = npt.NDArray[np.uint8]
"""uint8 [height, width]: 0 where nothing is, n at the pixels of the n-th object."""
Box = tuple[int, int, int, int]
"""Pixels: left, top, and behind right and bottom."""

INK = 0.25
"""A patch belongs to an object if at least this share of its pixels does."""
FOUND = 0.5
"""A box is found if one is given that overlaps it so much (Pascal VOC, Everingham et al. 2010)."""
_TOUCH = np.ones((3, 3), dtype=np.int8)
"""Patches that share a corner belong together: strokes run diagonally, too."""


def patches_of(objects: Numbered, patch: int) -> Marked:
    """The patches that belong to an object; the last ones may reach beyond the picture."""
    height, width = objects.shape
    beyond = ((0, -height % patch), (0, -width % patch))
    there = np.pad(objects > 0, beyond)
    rows, columns = there.shape[0] // patch, there.shape[1] // patch
    share = there.reshape(rows, patch, columns, patch).mean((1, 3))
    marked: Marked = share >= INK
    return marked


def boxes_of(objects: Numbered) -> list[Box]:
    """The box around each object."""
    from scipy import ndimage

    return [_box(place) for place in ndimage.find_objects(objects) if place is not None]


def boxes_read(marked: Marked, patch: int) -> list[Box]:
    """A box around each group of marked patches that touch, in pixels."""
    from scipy import ndimage

    groups, _ = ndimage.label(marked, _TOUCH)
    found = (_box(place) for place in ndimage.find_objects(groups))
    return [(left * patch, top * patch, right * patch, bottom * patch) for left, top, right, bottom in found]


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (_area(one) + _area(other) - shared)


def iou(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Intersection over union of two sets; 1 if both are empty."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def object_scores(marked: Sequence[Marked], objects: Sequence[Numbered], patch: int) -> dict[str, Any]:
    """What marks are worth, over all pictures.

    iou, pixel_iou: of the marked patches with those of the objects, and with their pixels; counted over all pictures
    together; iou_sure: half of the 95 % interval of iou, left out where it cannot be told. box_iou: of each object's
    box with the read box that is given to it, 0 if there is none (one read box for one object, so that the sum is
    greatest). box_found: the share of objects whose box is found, see FOUND. boxes_extra: boxes read that were given to
    no object that they overlap, per picture. objects: how many there are.
    """
    from scipy.optimize import linear_sum_assignment

    true = [patches_of(one, patch) for one in objects]
    pixels = [np.kron(one, np.ones((patch, patch), dtype=bool)) for one in marked]
    fine = [one[: there.shape[0], : there.shape[1]] for one, there in zip(pixels, objects, strict=True)]
    overlaps, extra = [], 0
    for one, there in zip(marked, objects, strict=True):
        given, asked = boxes_read(one, patch), boxes_of(there)
        table = np.array([[overlap(box, other) for other in given] for box in asked]).reshape(len(asked), len(given))

        pairs = linear_sum_assignment(table, maximize=True)
        best = np.zeros(len(asked))
        best[pairs[0]] = table[pairs]
        overlaps.extend(best.tolist())
        extra += len(given) - int((best > 0).sum())
    boxes = np.array(overlaps)
    sure = half_width(
        [np.sum(one & other) for one, other in zip(marked, true, strict=True)],
        [np.sum(one | other) for one, other in zip(marked, true, strict=True)],
    )
    return {
        "iou": iou(_flat(marked), _flat(true)),
        **({} if sure is None else {"iou_sure": sure}),
        "pixel_iou": iou(_flat(fine), _flat([one > 0 for one in objects])),
        "box_iou": float(boxes.mean()) if len(boxes) else 0.0,
        "box_found": float((boxes >= FOUND).mean()) if len(boxes) else 0.0,
        "boxes_extra": extra / max(len(objects), 1),
        "objects": len(boxes),
    }


def _flat(pictures: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
    return np.concatenate([one.ravel() for one in pictures]) if len(pictures) else np.zeros(0, dtype=bool)


def _box(place: tuple[slice, ...]) -> Box:
    rows, columns = place[0], place[1]
    return columns.start, rows.start, columns.stop, rows.stop


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
