"""Scenes: what is known of them is true, and no digit is in two parts."""

from __future__ import annotations

import functools
import hashlib
import subprocess
import sys

import numpy as np
import pytest

from dynmask_core.config import DataConfig
from dynmask_core.data import Table, build, load_sample
from dynmask_core.data import scenes as made
from dynmask_core.data.load import load_marked
from dynmask_core.data.media import pixels_of
from dynmask_core.data.scenes import DIGIT
from dynmask_core.evaluate.objects import boxes_of

SAMPLES = pytest.mark.parametrize(("name", "side", "objects"), [("scenes", 24, 1), ("two_objects", 32, 2)])


@functools.cache
def table(name: str) -> Table:
    return load_sample(name)


@SAMPLES
def test_the_known_pixels_are_ink_and_every_digit_is_there(name: str, side: int, objects: int) -> None:
    frame = table(name).frame
    for image, target in zip(frame.image[::40], frame.target[::40], strict=True):
        pixels, known = pixels_of(image), pixels_of(target)
        assert pixels.shape == known.shape == (side, side)
        assert set(np.unique(known)) == set(range(objects + 1))
        assert pixels[known > 0].mean() > 2 * pixels[known == 0].mean()
        assert all(max(box[2] - box[0], box[3] - box[1]) <= DIGIT for box in boxes_of(known))


@SAMPLES
def test_digits_stand_on_the_grid_and_apart(name: str, side: int, objects: int) -> None:
    rng = np.random.default_rng(0)
    patch = side // 8
    for _ in range(50):
        places = made._places(objects, side, patch, rng)
        assert all(place % patch == 0 and 0 <= place <= side - DIGIT for corner in places for place in corner)
        if objects == 2:
            (top, left), (other, right) = places
            assert max(abs(top - other), abs(left - right)) >= DIGIT + patch


def test_the_digits_of_a_part_are_in_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[bytes, ...]] = []

    def remember(digits: list[np.ndarray], scraps: list[np.ndarray], *rest: object) -> tuple[np.ndarray, np.ndarray]:
        shown.append(tuple(one.tobytes() for one in (*digits, *scraps)))
        return np.zeros((4, 4), dtype=np.float32), np.zeros((4, 4), dtype=np.uint8)

    monkeypatch.setattr(made, "_scene", remember)
    monkeypatch.setattr(made, "picture_of", lambda pixels: "")
    parts = made.two_objects().frame.split
    seen = {
        part: {one for own, named in zip(shown, parts, strict=True) if named == part for one in own} for part in parts
    }
    assert len(seen) == 3
    assert not seen["train"] & seen["test"] | seen["train"] & seen["validation"] | seen["test"] & seen["validation"]


def test_scenes_are_equal_in_every_process() -> None:
    code = (
        "import hashlib; from dynmask_core.data import load_sample; "
        "print(hashlib.sha256(''.join(load_sample('scenes').frame.image[:50]).encode()).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert other == hashlib.sha256("".join(table("scenes").frame.image[:50]).encode()).hexdigest()


def test_scenes_are_classified_and_marked() -> None:
    dataset, report = build(table("scenes"), max_rows=100)
    assert len(dataset.classes) == 10
    assert report.dropped["not_sampled"] == 1697
    assert dataset.targets is not None
    assert pixels_of(dataset.targets[0]).shape == (24, 24)
    marked, told = load_marked(DataConfig("sample:scenes"), 0)
    assert (len(marked), told.target_column, told.text_column) == (1797, "target", "image")
    assert told.parts == {"train": 1258, "validation": 180, "test": 359}
    assert marked.classes == ()
