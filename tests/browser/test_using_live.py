"""After training: a click on the confusion matrix, a wrong text in the player, answers taken home."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from helpers import chosen_option, click_button, keyed, main, open_page, open_view, start_training, wait_for_scores
from playwright.sync_api import Page, expect


def test_from_a_cell_to_its_texts_to_the_player_and_home_with_the_answers(
    server: Any, page: Page, until: Callable[..., None]
) -> None:
    open_page(page, server.url, "/train?data=english_sentiment&model=tiny&epochs=2")
    name = start_training(page)
    wait_for_scores(page)
    counts = (server.run(name).result() or {})["arms"][0]["test"]["confusion"]
    cell = page.get_by_test_id("confusion").first.get_by_role("button").nth(1)  # true: first class, predicted: second
    expect(cell).to_have_accessible_name(re.compile(f"negative.*positive.*{counts[0][1]}"))
    cell.focus()
    cell.press("Enter")
    expect(keyed(page, "wrong_show")).to_be_visible(timeout=60_000)
    expect(chosen_option(page, "wrong_cell")).to_have_value(f"negative → positive ({counts[0][1]})")

    page.locator("[class*=st-key-wrong_table] canvas").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(keyed(page, "wrong_player_box").get_by_test_id("mask-player")).to_be_visible(timeout=60_000)
    expect(keyed(page, "wrong_player_box")).to_contain_text("negative")

    open_view(page, "Scores")
    keyed(page, "use_pasted").locator("textarea").fill("A wonderful film, =qwertz\n=1+1 awful")
    keyed(page, "use_pasted").locator("textarea").press("Control+Enter")
    click_button(page, "use_paste")
    expect(keyed(page, "predictions")).to_be_visible(timeout=60_000)
    with page.expect_download() as taken:
        click_button(page, "use_download")
    lines = taken.value.path().read_bytes().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("text,predicted_")
    assert [line.rsplit(",", 4)[0] for line in lines[1:]] == ['"A wonderful film, =qwertz"', "'=1+1 awful"]
    expect(main(page).get_by_test_id("stException")).to_have_count(0)
