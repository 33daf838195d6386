"""Marking and writing in the browser: a reader's own words marked, own pairs learned and written word by word."""

from __future__ import annotations

from typing import Any

from helpers import keyed, open_page, open_view, parameters, start_training, wait_for_end, wait_until_drawn
from playwright.sync_api import Page, expect

from dynmask_core.messages import catalogue

TEXTS = catalogue("en")
PAIRS = "\n".join(
    f"{word} {number}\t{number} {word.upper()}" for word in ("one", "two", "red", "blue") for number in range(12)
)


def test_words_of_a_reader_are_marked_by_every_arm(server: Any, page: Page) -> None:
    open_page(page, server.url, "/tasks?marked=tags_en&model=tiny&task_epochs=1&task_arms=none,dropout&seed=41")
    name = start_training(page)
    wait_for_end(page)
    assert server.run(name).status().state == "finished"
    expect(page.get_by_test_id("mask-player")).to_be_visible()
    field = keyed(page, "own_task_probe").locator("input")
    field.fill("Anna Miller went to Norwick")
    field.press("Enter")
    expect(page.get_by_test_id("mask-player")).to_contain_text("Norwick")
    wait_until_drawn(page)
    expect(page.get_by_test_id("mp-arms").locator(".mp-arm")).to_have_count(2)


def test_pairs_that_a_reader_pastes_are_learned_and_written_word_by_word(server: Any, page: Page) -> None:
    open_page(page, server.url, "/tasks?task=continue&model=tiny&task_epochs=2&task_arms=none&seed=42")
    keyed(page, "own_pairs_box").locator("button").first.click()
    field = keyed(page, "pasted_pairs").locator("textarea")
    field.fill(PAIRS)
    field.press("Control+Enter")
    keyed(page, "read_pairs").locator("button").first.click()
    expect(keyed(page, "own_samples")).to_contain_text("48")
    page.keyboard.press("Escape")
    start_training(page)
    wait_for_end(page)
    assert "one 3" not in str(parameters(page))
    open_view(page, TEXTS["views.write"], "task_view")
    writing = page.get_by_test_id("writing")
    expect(writing).to_have_attribute("data-epoch", "1")
    field = keyed(page, "write_own").locator("input")
    field.fill("blue 7")
    field.press("Enter")
    expect(writing).to_contain_text("blue")
    wait_until_drawn(page)
    scrubber = page.get_by_test_id("wr-scrubber")
    scrubber.focus()
    scrubber.press("End")
    expect(writing.locator(".wr-open")).to_have_count(0)
