"""Masked language modelling in the browser: masks change with the epoch, models train, words are hidden and guessed."""

from __future__ import annotations

import re
from typing import Any

from helpers import (
    click_button,
    keyed,
    main,
    open_page,
    open_view,
    parameters,
    run_name,
    wait_for_end,
    wait_until_drawn,
)
from playwright.sync_api import Page, expect

from dynmask_core.messages import catalogue

TINY = "/mlm?corpus=english_prose&model=tiny&mlm_epochs=3&refresh=static,dynamic&batch=128"


def test_static_masks_stand_still_dynamic_ones_move_and_lines_keep_their_numbers(server: Any, page: Page) -> None:
    open_page(page, server.url, "/mlm")
    corpus = page.get_by_test_id("page-of-text")
    expect(corpus).to_have_attribute("data-epoch", "20")
    panels = corpus.locator("section, article").filter(has_text="[MASK]")
    before = corpus.inner_text()
    scrubber = page.get_by_test_id("page-scrubber")
    scrubber.focus()
    scrubber.press("Home")
    expect(corpus).to_have_attribute("data-epoch", "1")
    assert corpus.inner_text() != before
    assert panels.count() >= 1
    scrubber.press("End")
    expect(corpus).to_have_attribute("data-epoch", "20")
    assert corpus.inner_text() == before
    # Lines turned to keep their numbers.
    click_button(page, "lines_on")
    expect(main(page)).to_contain_text(catalogue("en")["mlm.lines"].format(first=13, last=24, all=1747))
    title = catalogue("en")["page.line"].format(arm="static", line=13)
    expect(page.get_by_test_id("page-of-text")).to_contain_text(title)
    row = page.get_by_test_id("page-row").nth(11)
    expect(row).to_have_attribute("aria-label", re.compile("^Line 24:"))


def test_models_are_trained_and_fill_in_hidden_words(server: Any, page: Page) -> None:
    open_page(page, server.url, TINY)
    click_button(page, "do_start")
    name = run_name(page)
    wait_for_end(page)
    assert server.run(name).kept_epochs() == [0, 1, 2, 3]
    open_view(page, "Fill in", "mlm_view")
    fills = page.get_by_test_id("fills")
    words = page.get_by_test_id("fills-token")
    hidden = page.locator("[data-testid=fills-token][aria-pressed=true]")
    expect(hidden).to_have_count(1)
    words.first.click()
    expect(hidden).to_have_count(2)
    expect(words.first).to_have_text("[MASK]")
    expect(fills).to_have_attribute("data-epoch", "3")
    page.get_by_test_id("fills-scrubber").focus()
    page.keyboard.press("Home")
    expect(fills).to_have_attribute("data-epoch", "0")
    click_button(page, "to_scores")
    expect(keyed(page, "mlm_ends")).to_be_visible()
    page.reload()
    expect(keyed(page, "mlm_ends")).to_be_visible()
    assert parameters(page) | {"run": name, "mlm_view": "scores"} == parameters(page)


def test_a_sentence_of_ones_own_is_guessed_at(server: Any, page: Page) -> None:
    open_page(page, server.url, TINY + "&seed=1")
    click_button(page, "do_start")
    run_name(page)
    wait_for_end(page)
    wait_until_drawn(page)  # the end of a run draws the page once more
    open_view(page, "Fill in", "mlm_view")
    field = keyed(page, "own_mlm_probe").locator("input")
    field.fill("The *cat* <b>sleeps</b> under the table 🐈.")
    field.press("Enter")
    expect(page.get_by_test_id("fills-token").filter(has_text="under")).to_be_visible()
    open_view(page, "Attention", "mlm_view")
    expect(main(page)).to_contain_text(catalogue("en")["mlm.player.unknown"])
