"""What the mask player hands to the browser of a sample that is looked at."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dynmask_core.bench.ui import made
from dynmask_core.inputs import Picture
from dynmask_core.messages import catalogue, speaking_of
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack
from dynmask_core.ui.components.player.pick import signature
from dynmask_core.ui.watch.bands import band_values

URL = "data:image/png;base64,AAAA"


def pictured(url: str = URL, **more: Any) -> PlayerData:
    """Sixteen patches, 4 × 4."""
    return replace(made(17, arms=2, epochs=3), picture=Picture(url, 4, 4), **more)


def header(data: PlayerData) -> dict[str, Any]:
    whole = pack(data, lang="en", strings=catalogue("en"))
    size = int.from_bytes(whole[:4], "little")
    return dict(json.loads(whole[4 : 4 + size]))


def test_the_picture_travels_with_its_grid() -> None:
    assert header(pictured())["picture"] == {"url": URL, "rows": 4, "columns": 4, "sound": ""}
    assert header(made(17, arms=2, epochs=3))["picture"] is None


def test_a_pick_in_one_picture_does_not_count_in_another() -> None:
    assert signature(pictured()) != signature(pictured(URL + "BBBB"))
    assert signature(pictured()) == signature(pictured())


@pytest.mark.parametrize(("lang", "word"), [("en", r"\b(words?|texts?|sentences?)\b"), ("zh", "词|句|文本")])
@pytest.mark.parametrize("medium", ["image", "sound"])
def test_what_is_said_of_pictures_and_sounds_names_no_words(lang: str, word: str, medium: str) -> None:
    with speaking_of(medium):
        said = catalogue(lang)
    assert [key for key in STRING_KEYS if re.search(word, said[key])] == []


def test_bands_follow_the_other_numbers_of_each_epoch() -> None:
    plain = pictured()
    bands = np.arange(2 * 3 * 16 * 4, dtype=np.uint16).reshape(2, 3, 16, 4).astype(np.uint8)
    with_bands = replace(plain, bands=bands, packed={}, picture=Picture(URL, 1, 16, "data:audio/wav;base64,"))
    assert header(with_bands)["bandCount"] == 4
    assert header(plain)["bandCount"] == 0
    whole = pack(with_bands, lang="en", strings=catalogue("en"))
    assert whole.endswith(bands[:, -1].tobytes())
    size = int.from_bytes(whole[:4], "little")
    numbers = pack(replace(plain, packed={}), lang="en", strings=catalogue("en"))
    without = len(numbers) - 4 - int.from_bytes(numbers[:4], "little")
    assert len(whole) - 4 - size == without + bands.size


def test_bands_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="bands"):
        pack(pictured(bands=np.zeros((2, 3, 15, 4), dtype=np.uint8)), lang="en", strings=catalogue("en"))


def test_where_no_band_was_recorded_the_mask_of_the_unit_counts_for_all() -> None:
    masks = np.array([[[1.0, 0.0]], [[0.5, np.nan]]])  # two arms, one epoch, two units
    assert band_values(masks, {}) is None
    found = band_values(masks, {(1, 0): np.array([[0, 255], [255, 255]], dtype=np.uint8)})
    assert found is not None
    assert found[0, 0].tolist() == [[255, 255], [0, 0]]
    assert found[1, 0].tolist() == [[0, 255], [255, 255]]
