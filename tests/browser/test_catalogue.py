"""The catalogue of masks: pictures come by themselves, and a card leads to training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import button, chosen_option, click_button, heading, keyed, main, open_page, parameters
from playwright.sync_api import Page, expect


def test_a_mask_is_seen_at_work_and_tried(server: Any, page: Page) -> None:
    open_page(page, server.url, "/masks?data=fruit&family=baseline")
    expect(keyed(page, "card_static").locator(".mk-drawn")).to_be_visible()
    expect(keyed(page, "card_none").locator(".mk-word").first).to_be_visible()
    field = keyed(page, "masks_sentence").locator("input")
    field.fill("a <b>ripe</b> banana")
    field.press("Enter")
    words = keyed(page, "card_static").locator(".mk-word b")
    # The first picture that did not come with the app waits for a process that loads what it needs.
    expect(words.last).to_have_text("banana", timeout=150_000)
    assert "".join(words.all_inner_texts()) == "a<b>ripe</b>banana"
    assert "sentence" not in page.url
    click_button(page, "try_none")
    heading(page, "Train & watch")
    expect(chosen_option(page, "dynamic")).to_have_value("none · no mask · baseline")
    assert parameters(page) == {"data": "fruit", "dynamic": "none"}
    expect(button(page, "do_start")).to_be_enabled()


def test_pictures_of_an_own_sentence_are_drawn_where_the_reader_looks(server: Any, page: Page) -> None:
    open_page(page, server.url, "/masks?data=fruit")
    expect(main(page).locator(".mk-drawn").first).to_be_attached()
    assert main(page).locator(".mk-waiting").count() == 0
    field = keyed(page, "masks_sentence").locator("input")
    field.fill("a green pear")
    field.press("Enter")
    expect(main(page).locator(".mk-waiting").first).to_be_attached()
    last = keyed(page, "catalogue").locator("[class*=st-key-card_]").last
    last.scroll_into_view_if_needed()
    expect(last.locator(".mk-drawn")).to_be_visible(timeout=150_000)
    assert main(page).locator(".mk-waiting").count() > 0


def test_attention_is_drawn_as_maps(server: Any, page: Page) -> None:
    open_page(page, server.url, "/masks?data=fruit&site=attention")
    picture = main(page).locator(".mk-map img").first
    expect(picture).to_be_visible(timeout=90_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 1


def test_parameters_of_an_arm_stand_in_the_address(server: Any, page: Page, until: Callable[..., None]) -> None:
    open_page(page, server.url, "/train?dynamic=repaired:0.5")
    expect(keyed(page, "dynamic")).to_contain_text("repaired:0.5")
    keyed(page, "dynamic_tune").locator("button").first.click()
    handle = keyed(page, "dynamic_0_repaired_pace").locator("input[type=range]")
    expect(handle).to_have_value("0.5")
    handle.press("ArrowRight")
    until(lambda: parameters(page).get("dynamic") == "repaired:0.6")
    page.keyboard.press("Escape")
    click_button(page, "arms_add")
    until(lambda: "arm3" in parameters(page))
    click_button(page, "arm3_remove")
    until(lambda: "arm3" not in parameters(page))
