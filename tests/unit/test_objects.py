"""Boxes and overlaps, on pictures small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dynmask_core.evaluate.objects import boxes_of, boxes_read, object_scores, overlap, patches_of


def canvas(*windows: tuple[int, int, int, int], side: int = 12) -> np.ndarray:
    """left, top, right, bottom of each object."""
    drawn = np.zeros((side, side), dtype=np.uint8)
    for number, (left, top, right, bottom) in enumerate(windows, 1):
        drawn[top:bottom, left:right] = number
    return drawn


def test_a_patch_belongs_to_an_object_from_a_quarter_of_its_pixels_on() -> None:
    drawn = np.zeros((6, 6), dtype=np.uint8)
    drawn[0, :2] = 1  # 2 of 9
    drawn[3, :3] = 1  # 3 of 9
    assert patches_of(drawn, 3).tolist() == [[False, False], [True, False]]
    assert patches_of(canvas((4, 4, 5, 5), side=5), 4).tolist() == [[False, False], [False, False]]


def test_boxes_are_read_around_patches_that_touch_even_at_a_corner() -> None:
    marked = np.zeros((4, 4), dtype=bool)
    marked[0, 0] = marked[1, 1] = marked[3, 3] = True
    assert boxes_read(marked, 3) == [(0, 0, 6, 6), (9, 9, 12, 12)]
    assert boxes_of(canvas((1, 2, 4, 7), (6, 0, 9, 2))) == [(1, 2, 4, 7), (6, 0, 9, 2)]


def test_overlap_is_intersection_over_union() -> None:
    assert overlap((0, 0, 4, 4), (0, 0, 4, 4)) == 1
    assert overlap((0, 0, 4, 4), (2, 0, 6, 4)) == pytest.approx(8 / 24)
    assert overlap((0, 0, 4, 4), (4, 4, 8, 8)) == 0


def test_perfect_marks_have_perfect_scores_where_objects_fill_patches() -> None:
    drawn = canvas((0, 0, 3, 6), (6, 6, 12, 12))
    scores = object_scores([patches_of(drawn, 3)], [drawn], 3)
    assert (scores["iou"], scores["pixel_iou"], scores["box_iou"], scores["box_found"]) == (1, 1, 1, 1)
    assert (scores["boxes_extra"], scores["objects"]) == (0, 2)


def test_each_read_box_is_given_to_one_object_and_the_rest_is_counted() -> None:
    drawn = canvas((0, 0, 3, 3), (6, 0, 9, 3))
    nothing = np.zeros((4, 4), dtype=bool)
    row = nothing.copy()
    row[0, :3] = True  # both objects as one: only one of them gets the box
    two = nothing.copy()
    two[0, 0] = two[3, 3] = True  # one found, one false alarm
    joined, alarm, empty = (object_scores([one], [drawn], 3) for one in (row, two, nothing))
    assert joined["box_iou"] == pytest.approx((1 / 3) / 2)
    assert joined["box_found"] == 0
    assert (alarm["box_iou"], alarm["box_found"], alarm["iou"]) == (0.5, 0.5, pytest.approx(1 / 3))
    assert alarm["boxes_extra"] == 1
    assert (empty["iou"], empty["box_iou"], empty["pixel_iou"]) == (0, 0, 0)
