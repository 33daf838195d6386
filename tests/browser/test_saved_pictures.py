"""Pictures that a reader saves: files that other programs can open, with what was seen."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dynmask_core.bench.ui import made
from dynmask_core.messages import catalogue
from dynmask_core.ui.components.player import STRING_KEYS, pack
from dynmask_core.ui.web.alone import page as page_of
from dynmask_core.ui.web.packing import seal

SVG = "{http://www.w3.org/2000/svg}"
LINES = [
    {"name": name, "color": "#64748b", "dashed": dashed, "points": [[1, 0.5], [2, 0.75]]}
    for name, dashed in (("one · validation", False), ("one · training", True))
]
STRINGS = {"title": "Loss", "reset": "all", "alt": "Loss by epoch", "epoch": "epoch", "note": ""}
CURVES = {"run": "run", "epochs": 2, "height": 200, "small": False, "series": LINES, "strings": STRINGS}


@pytest.fixture
def opened(new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """opened(component, bytes, lang="en"): a page that holds nothing else."""

    def go(name: str, data: bytes, lang: str = "en") -> Page:
        file = tmp_path / f"{name}.html"
        file.write_text(page_of(name, data, lang=lang), encoding="utf-8")
        page = new_page()
        page.goto(file.as_uri())
        return page

    return go


def saved(page: Page, control: str) -> bytes:
    """What comes of pressing Enter on that control."""
    page.get_by_test_id(control).focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.startswith("dynmask-")
    return Path(download.value.path()).read_bytes()


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_masks_and_attention_of_the_player_are_saved_twice_as_large_as_they_are_seen(
    opened: Callable[..., Page],
) -> None:
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    page = opened("player", pack(made(17, arms=2, epochs=5), lang="en", strings=strings))
    for control, part in (("save-mask-png", ".mp-heat"), ("save-attention-png", ".mp-right")):
        width, height = size(saved(page, control))
        seen = page.locator(part).bounding_box()
        assert seen is not None
        assert width >= 2 * seen["width"]
        assert height > seen["height"]
        # The picture on the page is as before.
        expect(page.locator(part)).to_be_visible()
    canvas = page.get_by_test_id("mp-heat")
    assert canvas.evaluate("one => one.width <= one.clientWidth + 1")


def test_curves_are_saved_as_a_drawing_with_their_names_and_as_a_picture(opened: Callable[..., Page]) -> None:
    page = opened("curves", seal(CURVES, b""))
    root = ET.fromstring(saved(page, "save-curves-svg"))
    texts = [node.text for node in root.iter(f"{SVG}text")]
    for text in ("Loss", "one · validation", "one · training", "epoch"):
        assert text in texts
    assert "PNG" not in texts
    lines = list(root.iter(f"{SVG}polyline"))
    assert len(lines) == len(LINES)
    assert all("stroke:" in (line.get("style") or "") and not line.get("class") for line in lines)
    assert size(saved(page, "save-curves-png"))[0] > 1000


def test_a_scale_of_shares_ends_at_nothing_and_at_all(opened: Callable[..., Page]) -> None:
    for share in (0.0, 1.0):
        line = {**LINES[0], "points": [[1, share]]}
        page = opened("curves", seal({**CURVES, "percent": True, "series": [line]}, b""))
        expect(page.locator("svg text").filter(has_text=f"{share:.0%}").first).to_be_attached()
        ticks = [float(told[:-1]) for told in page.locator("svg text").all_text_contents() if told.endswith("%")]
        assert len(ticks) > 1
        assert all(0 <= tick <= 100 for tick in ticks)


def test_saving_is_named_in_the_language_of_the_page(opened: Callable[..., Page]) -> None:
    page = opened("curves", seal(CURVES, b""), lang="zh")
    expect(page.get_by_role("button", name=catalogue("zh")["save.as"].format(format="PNG"))).to_be_attached()


def test_every_word_of_a_map_has_a_name_though_only_some_have_room(opened: Callable[..., Page]) -> None:
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    sentence = replace(made(33, arms=2, epochs=2))
    page = opened("player", pack(sentence, lang="en", strings=strings))
    word = page.locator("[data-map=arm-0] ~ .mp-word")
    expect(word).to_be_hidden()
    page.get_by_test_id("mp-token").nth(6).hover()
    expect(word).to_have_text("word6")


def test_words_of_an_arm_without_a_mask_over_words_have_no_colour(opened: Callable[..., Page]) -> None:
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    plain = made(9, arms=2, epochs=2)
    arms = [plain.arms[0], plain.arms[1] | {"shows": "edges"}]
    page = opened("player", pack(replace(plain, arms=arms), lang="en", strings=strings))
    words = page.get_by_test_id("mp-arm").nth(1).get_by_test_id("mp-token")
    expect(words.first).to_have_attribute("data-state", "neutral")
    expect(words.first).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(words.first).to_have_attribute("aria-label", "word0 · arm 1 has no mask over words")


def test_a_changed_setting_and_a_best_epoch_are_told_apart(opened: Callable[..., Page]) -> None:
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    marks = [{"epoch": 1, "text": "α 0.3", "kind": "change"}, {"epoch": 1, "text": "arm 1", "kind": "best"}]
    page = opened("player", pack(replace(made(9, arms=2, epochs=3), marks=marks), lang="en", strings=strings))
    marked = page.get_by_test_id("mp-marks").get_by_role("listitem")
    expect(marked).to_contain_text(["setting changed: α 0.3", "best epoch: arm 1"])
    legend = page.get_by_test_id("mp-mark-kinds")
    expect(legend).to_have_text("◆ setting changed★ best epoch")
    signs = marked.locator(".mark-sign").all_inner_texts()
    assert signs == ["◆", "★"]
    first, second = (marked.nth(i).bounding_box() for i in range(2))
    assert first is not None
    assert second is not None
    assert abs(first["x"] - second["x"]) > 8
