"""What a stranger meets: a recorded run that plays, links that arrive, addresses that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers import (
    button,
    chosen_option,
    click_button,
    heading,
    open_page,
    parameters,
    player,
    shown_epoch,
    slider,
)  # fmt: skip
from playwright.sync_api import Page, expect

from dynmask_core.messages import text


def test_the_recorded_run_plays_by_itself(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(reduced_motion="no-preference")
    page.goto(server.url)
    expect(player(page)).to_be_visible()
    expect(player(page)).to_have_attribute("data-playing", "true")
    first = shown_epoch(page)
    last = int(page.get_by_test_id("mp-scrubber").get_attribute("max") or 0)
    assert last > 0
    expect(player(page)).to_have_attribute("data-epoch", str(last))
    assert first < last
    expect(player(page)).to_have_attribute("data-playing", "false")


def test_the_very_first_visit_may_name_a_page(fresh_server: Any, page: Page, until_up: Callable[..., None]) -> None:
    until_up(fresh_server)
    page.goto(fresh_server.url + "/train?data=planted&alpha=0.5")
    heading(page, "Train & watch")
    # The frame is around it: our navigation, not Streamlit's list of files.
    expect(page.get_by_role("link", name="Home")).to_be_visible()
    assert page.get_by_role("link").all_inner_texts().count("home") == 0
    expect(chosen_option(page, "data")).to_have_value("Planted keywords (truth known)")
    assert parameters(page)["data"] == "planted"
    expect(slider(page, "alpha")).to_have_attribute("aria-valuetext", "0.5")


def test_hints_of_a_first_visit_are_read_by_keyboard_and_do_not_come_back(server: Any, page: Page) -> None:
    page.goto(server.url)
    hint, tour = page.get_by_test_id("tour-hint"), page.get_by_test_id("tour")
    expect(hint).to_have_text(text("tour.home"))
    page.get_by_test_id("tour-next").press("Enter")
    expect(hint).to_have_text(text("tour.drag"))
    page.get_by_test_id("tour-skip").press("Enter")
    expect(tour).to_be_hidden()
    open_page(page, server.url, "/train")
    expect(button(page, "do_start")).to_be_enabled()
    expect(page.get_by_test_id("tour")).to_be_hidden()


def test_home_leads_to_training_and_to_own_text(server: Any, page: Page) -> None:
    open_page(page, server.url)
    click_button(page, "go_train")
    heading(page, "Train & watch")
    expect(button(page, "do_start")).to_be_enabled()
    page.get_by_role("link", name="Home").click()
    heading(page, "See what a mask does to a Transformer")
    click_button(page, "go_data")
    heading(page, "Data")
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
