"""The mask player by itself: what a reader can point at, open and pick, on a wide and a narrow screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dynmask_core.bench.ui import made
from dynmask_core.messages import catalogue
from dynmask_core.ui.components.player import STRING_KEYS, PlayerData, pack
from dynmask_core.ui.components.player.pick import picked
from dynmask_core.ui.web.alone import page as page_of

STRINGS = {key: catalogue("en")[key] for key in STRING_KEYS}
SENTENCE = made(17, arms=2, epochs=8)


@pytest.fixture
def show(new_page: Callable[..., Page], tmp_path: Path) -> Callable[..., Page]:
    """show(data, width=1280, height=900): a page that holds nothing but the player."""

    def go(data: PlayerData, **size: int) -> Page:
        file = tmp_path / "player.html"
        file.write_text(page_of("player", pack(data, lang="en", strings=STRINGS)), encoding="utf-8")
        page = new_page(**size)
        page.goto(file.as_uri())
        expect(page.get_by_test_id("mask-player")).to_have_attribute("data-epoch", str(data.epochs[-1]))
        return page

    return go


def give(page: Page, data: PlayerData) -> None:
    """New data arrives."""
    page.evaluate("bytes => window.give(new Uint8Array(bytes))", list(pack(data, lang="en", strings=STRINGS)))


def sent(page: Page) -> list[dict[str, Any]]:
    return [value for _, value in page.evaluate("window.sent")]


def cell(page: Page, query: int, key: int, arm: int) -> None:
    """Clicks one edge of an arm's map."""
    canvas = page.locator(f"[data-map=arm-{arm}]")
    # The second map has no words at its left: it is as wide as its cells.
    side = page.locator("[data-map=arm-1]").evaluate("canvas => canvas.clientWidth")
    width, height = canvas.evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
    step = side / len(SENTENCE.attention[0, 0, 0, 0])
    canvas.click(position={"x": width - side + (key + 0.5) * step, "y": height - side + (query + 0.5) * step})


def test_a_click_on_an_edge_picks_it_and_moving_or_scrubbing_picks_nothing(show: Callable[..., Page]) -> None:
    page = show(SENTENCE)
    page.get_by_test_id("mp-map").first.hover()
    page.get_by_test_id("mp-token").first.hover()
    page.get_by_test_id("mp-scrubber").focus()
    page.keyboard.press("Home")
    page.get_by_test_id("mp-heat").click()
    assert sent(page) == []
    page.keyboard.press("End")
    page.get_by_test_id("mp-layer-2").click()
    page.get_by_test_id("mp-head-3").click()
    cell(page, 4, 2, arm=1)
    pick = picked(SENTENCE, sent(page)[-1])
    assert pick is not None
    assert (pick.arm, pick.epoch, pick.layer, pick.head, pick.query, pick.key) == (1, 7, 1, 2, 4, 2)
    expect(page.get_by_test_id("mp-picked").nth(1)).to_be_visible()
    assert len(sent(page)) == 1


def test_a_word_is_picked_by_a_click_or_by_enter(show: Callable[..., Page]) -> None:
    page = show(SENTENCE)
    page.get_by_test_id("mp-head-mean").click()
    page.get_by_test_id("mp-arm").nth(1).get_by_test_id("mp-token").nth(5).click()
    page.get_by_test_id("mp-arm").nth(0).get_by_test_id("mp-token").nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    first, second = (picked(SENTENCE, state) for state in sent(page))
    assert first is not None
    assert second is not None
    assert (first.arm, first.head, first.query, first.key) == (1, None, 6, None)
    assert (second.arm, second.query) == (0, 2)
    expect(page.locator(".mp-token[aria-pressed=true]")).to_have_count(1)


def test_all_heads_open_into_one_map_and_escape_goes_back(show: Callable[..., Page]) -> None:
    page = show(SENTENCE)
    page.get_by_test_id("mp-head-all").click()
    expect(page.get_by_test_id("mp-map").first).to_be_hidden()
    tile = page.get_by_test_id("mp-tile-1-6")  # the second layer's third head
    tile.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("mask-player")).to_have_attribute("data-layer", "2")
    expect(page.get_by_test_id("mask-player")).to_have_attribute("data-head", "3")
    expect(page.get_by_test_id("mp-map").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("mp-map").first).to_be_hidden()
    expect(page.get_by_test_id("mp-tile-0-6")).to_be_focused()


def test_an_edge_is_told_against_an_even_share_and_a_forbidden_one_as_such(show: Callable[..., Page]) -> None:
    page = show(SENTENCE)
    legend = page.get_by_test_id("mp-attention-legend")
    for text in ("×1/8", "even share", "×8", "−∞"):
        expect(legend).to_contain_text(text)
    cell(page, 2, 9, arm=1)  # the second arm of the sample looks backwards only
    expect(page.get_by_test_id("mp-tip")).to_contain_text("−∞")
    page.get_by_test_id("mp-scale-raw").click()
    expect(legend).not_to_contain_text("×8")


def test_words_maps_and_scrubber_of_sixteen_words_are_seen_together(show: Callable[..., Page]) -> None:
    page = show(SENTENCE, width=1440, height=900)
    box = page.get_by_test_id("mask-player").bounding_box()
    assert box is not None
    assert box["height"] <= 560
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_narrow_screen_shows_one_arm_and_one_picture_at_a_time(show: Callable[..., Page]) -> None:
    page = show(SENTENCE, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_test_id("mp-arm").locator("visible=true")).to_have_count(1)
    expect(page.get_by_test_id("mp-attention")).to_be_hidden()
    page.get_by_test_id("mp-whose-0").click()
    expect(page.get_by_test_id("mp-arm").first).to_be_visible()
    expect(page.get_by_test_id("mp-arm").last).to_be_hidden()
    page.get_by_test_id("mp-part-attention").click()
    expect(page.get_by_test_id("mp-heat")).to_be_hidden()
    expect(page.get_by_test_id("mp-map").locator("visible=true")).to_have_count(1)
    page.get_by_test_id("mp-which-2").click()
    expect(page.locator("[data-map=difference]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_change_is_a_mark_and_an_epoch_keeps_its_place_when_more_arrive(show: Callable[..., Page]) -> None:
    marks = [{"epoch": 2, "text": "step size: 0.1 → 0.3", "kind": "change"}]
    early = replace(cut(SENTENCE, 4), running=True, planned=7, marks=marks)
    page = show(early)
    scrubber = page.get_by_test_id("mp-scrubber")
    scrubber.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("mp-marks")).to_contain_text("step size: 0.1 → 0.3")
    assert "step size" in (scrubber.get_attribute("aria-valuetext") or "")

    def place() -> float:
        return float(scrubber.evaluate("node => node.clientWidth * node.value / node.max"))

    before = place()
    give(page, replace(cut(SENTENCE, 7), running=True, planned=7, marks=marks))
    expect(scrubber).to_have_attribute("max", "6")
    expect(page.get_by_test_id("mask-player")).to_have_attribute("data-epoch", "2")
    page.wait_for_function("document.querySelector('[data-testid=mp-marks]').children.length === 1")
    assert place() == pytest.approx(before, abs=12)  # the handle's own width


def cut(data: PlayerData, epochs: int) -> PlayerData:
    """Its first epochs."""
    arrays = {
        name: getattr(data, name)[:, :epochs] for name in ("masks", "probabilities", "attention", "keys", "heads")
    }
    lists = {name: getattr(data, name)[:epochs] for name in ("epochs", "thresholds", "attention_recorded")}
    return replace(data, **arrays, **lists)


def test_masks_of_edges_and_heads_have_their_own_pictures_and_no_heat_map_of_words(show: Callable[..., Page]) -> None:
    shows = [("none", "none"), ("edges", "fixed")]
    arms = [arm | {"shows": over, "roles": [role]} for arm, (over, role) in zip(SENTENCE.arms, shows, strict=True)]
    page = show(replace(SENTENCE, arms=arms))
    expect(page.get_by_test_id("mp-heat")).to_be_hidden()
    expect(page.get_by_test_id("mp-pattern").locator("visible=true")).to_have_count(1)
    expect(page.get_by_test_id("mp-role").first).to_contain_text("no mask")
    expect(page.get_by_test_id("mp-role").last).to_have_text("fixed")
    expect(page.get_by_test_id("mp-kept").last).to_have_text("forbids 136 of 289 edges")


def test_of_a_long_sentence_all_words_are_reached(show: Callable[..., Page]) -> None:
    page = show(made(129, arms=2, epochs=3))
    box = page.locator(".mp-heat-box")
    assert box.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    page.get_by_test_id("mp-view-words").click()
    expect(page.get_by_text("Scroll here to see all 128 words.")).to_be_visible()
    assert box.evaluate("node => node.scrollHeight > node.clientHeight && node.tabIndex === 0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
