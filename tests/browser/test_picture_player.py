"""The player of a picture or sound by itself: the mask over its units, the arrows on its grid, and attention."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from dynmask_core.bench.ui import made
from dynmask_core.data.media import picture_of
from dynmask_core.inputs import Picture
from dynmask_core.messages import catalogue, speaking_of
from dynmask_core.ui.components.player import STRING_KEYS, pack
from dynmask_core.ui.web.alone import page as page_of

with speaking_of("image"):
    STRINGS = {key: catalogue("en")[key] for key in STRING_KEYS}
PATCHES = np.linspace(0, 1, 16, dtype=np.float32)


def test_a_picture_is_masked_walked_over_and_asked(new_page: Any, tmp_path: Path) -> None:
    url = picture_of(np.arange(64, dtype=np.uint8).reshape(8, 8) * 4)
    plain = made(17, arms=2, epochs=3)
    data = replace(
        plain, masks=np.broadcast_to(PATCHES, plain.masks.shape), thresholds=[0.5] * 3, picture=Picture(url, 4, 4)
    )
    file = tmp_path / "player.html"
    file.write_text(page_of("player", pack(data, lang="en", strings=STRINGS)), encoding="utf-8")
    page: Page = new_page(width=1280, height=900)
    page.goto(file.as_uri())
    parts = page.get_by_test_id("mp-arm").first.get_by_test_id("mp-token")
    expect(parts).to_have_count(16)
    # Removed, half kept and kept: never a matter of colour alone, as the hatching says how much is gone.
    gone = [float(part.evaluate("part => part.style.getPropertyValue('--gone')")) for part in parts.all()]
    assert gone[:8] == [1] * 8
    assert all(0 < one < 0.5 for one in gone[8:15])
    assert gone[15] == 0
    expect(parts.nth(0)).to_have_attribute("data-state", "removed")
    expect(page.get_by_test_id("mp-threshold")).to_contain_text("patches below it are hatched")

    epoch = page.get_by_test_id("mask-player").get_attribute("data-epoch")
    parts.nth(0).focus()
    for key, place in (("ArrowDown", 4), ("ArrowRight", 5), ("ArrowUp", 1), ("ArrowLeft", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        expect(parts.nth(place)).to_be_focused()
    assert page.get_by_test_id("mask-player").get_attribute("data-epoch") == epoch

    looks = page.get_by_test_id("mp-look")
    expect(looks).to_have_count(2)
    expect(page.get_by_text("What [CLS] attends to")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("What word0 attends to")).to_be_visible()
    assert page.evaluate("window.sent.at(-1)")[1]["query"] == 1
    looks.last.click(position={"x": 140, "y": 140})
    expect(page.get_by_text("What word15 attends to")).to_be_visible()


def test_a_mask_over_bands_is_laid_over_the_spectrogram_epoch_by_epoch(new_page: Any, tmp_path: Path) -> None:
    url = picture_of(np.full((8, 32), 200, dtype=np.uint8))
    plain = made(17, arms=2, epochs=2)
    bands = np.full((2, 2, 16, 8), 255, dtype=np.uint8)
    bands[1, 0, :, :2] = 0  # at first the two lowest bands are hidden, then the fifth unit as a whole
    bands[1, 1, 4] = 0
    data = replace(
        plain, masks=bands.mean(-1) / 255, picture=Picture(url, 1, 16), bands=bands,
        arms=[plain.arms[0], {**plain.arms[1], "bands": True}],
    )  # fmt: skip
    file = tmp_path / "player.html"
    file.write_text(page_of("player", pack(data, lang="en", strings=STRINGS)), encoding="utf-8")
    page: Page = new_page(width=1280, height=900)
    page.goto(file.as_uri())
    arms, layer = page.get_by_test_id("mp-arm"), page.get_by_test_id("mp-bands")
    expect(layer).to_have_count(1)
    expect(arms.last.get_by_test_id("mp-bands")).to_be_visible()
    expect(page.get_by_test_id("mp-bands-legend")).to_be_visible()

    def covered() -> list[list[bool]]:
        """Whether anything is drawn at the middle of each band, the highest first, of each unit."""
        drawn: list[list[bool]] = layer.evaluate(
            """canvas => Array.from({ length: 8 }, (_, band) => Array.from({ length: 16 }, (_, unit) => {
                const [x, y] = [(unit + .5) * canvas.width / 16, (band + .5) * canvas.height / 8];
                return canvas.getContext("2d").getImageData(x, y, 1, 1).data[3] > 0; }))"""
        )
        return drawn

    page.get_by_test_id("mp-scrubber").fill("0")
    expect(arms.last.get_by_test_id("mp-kept")).to_contain_text("hides 25 % · bands 1–2 of 8 hidden")
    expect(layer).to_have_attribute(
        "aria-label", "Mask over the bands of arm 1, epoch 0: hides 25 % · bands 1–2 of 8 hidden"
    )
    assert covered() == [[False] * 16] * 6 + [[True] * 16] * 2
    page.get_by_test_id("mp-scrubber").fill("1")
    expect(arms.last.get_by_test_id("mp-kept")).to_contain_text("hides 6 %")
    assert covered() == [[unit == 4 for unit in range(16)]] * 8
    expect(arms.last.get_by_test_id("mp-token").nth(4)).to_have_attribute(
        "aria-label", "word4 · mask 0.00, bands 1–8 of 8 hidden"
    )
    expect(arms.last.get_by_test_id("mp-token").nth(5)).to_have_attribute(
        "aria-label", "word5 · mask 1.00, no band hidden"
    )
    expect(arms.first.get_by_test_id("mp-token").nth(5)).to_have_attribute("aria-label", "word5 · mask 1.00, kept")
