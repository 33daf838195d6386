"""What the mask player hands to the browser of a sample that is looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dynmask_core.bench.ui import made
from dynmask_core.inputs import Picture
from dynmask_core.messages import LANGUAGES, catalogue
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack
from dynmask_core.ui.components.player.pick import signature

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


def test_what_is_said_of_pictures_names_no_words() -> None:
    for lang, word in (("en", "word"), ("zh", "词")):
        assert lang in LANGUAGES
        for key in STRING_KEYS:
            if key.startswith("player.picture_"):
                assert word not in catalogue(lang)[key], key
