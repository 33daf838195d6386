"""The picture first: what a reader sees of a run without scrolling, and how the page behaves around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from helpers import (
    alerts,
    button,
    click_button,
    heading,
    keyed,
    main,
    open_page,
    open_view,
    parameters,
    player,
    start_training,
    wait_for_end,
    wait_for_epoch,
    wait_for_scores,
    wait_until_drawn,
)  # fmt: skip
from playwright.sync_api import Locator, Page, expect

from dynmask_core.messages import LANGUAGES
from dynmask_core.runs import Run

LONG = "/train?data=english_sentiment&model=small&epochs=60"
SHORT = "/train?data=fruit&model=tiny&epochs=1"


def bottom(it: Locator) -> float:
    box = it.bounding_box()
    assert box
    return box["y"] + box["height"]


def assert_picture_first(page: Page) -> None:
    """Buttons, α, τ, θ, and of both arms the words and an attention map, on one screen of 1440 × 900."""
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0
    scrubber = page.get_by_test_id("mp-scrubber")
    expect(scrubber).to_be_in_viewport(ratio=1)
    edge = (scrubber.bounding_box() or {})["y"]
    arms = player(page).locator(".mp-arm")
    expect(arms).to_have_count(2)
    assert bottom(arms.last) < edge
    maps = player(page).locator(".mp-map:visible")
    expect(maps.nth(1)).to_be_visible()
    for place in (0, 1):
        assert bottom(maps.nth(place)) < edge
    for key in ("alpha", "tau", "theta"):
        expect(keyed(page, key)).to_be_in_viewport(ratio=1)
    for chart in ("chart_accuracy", "chart_loss"):
        expect(keyed(page, chart)).to_be_in_viewport()
    expect(button(page, "do_reset")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_run_is_seen_without_scrolling_and_the_focus_stays_with_the_buttons(
    server: Any, new_page: Callable[..., Page], until: Callable[..., None], lang: str
) -> None:
    page = new_page(width=1440, height=900)
    open_page(page, server.url, f"{LONG}&lang={lang}&seed={list(LANGUAGES).index(lang)}")
    start = button(page, "do_start")
    start.focus()
    start.press("Enter")
    wait_for_epoch(page, 2)
    until(lambda: page.evaluate("document.activeElement.closest('.st-key-transport') !== null"))
    assert page.evaluate("document.activeElement.disabled") is False
    assert_picture_first(page)
    expect(page.get_by_role("progressbar").first).to_be_in_viewport()
    click_button(page, "do_stop")
    expect(button(page, "do_continue")).to_be_visible()
    wait_until_drawn(page)
    assert_picture_first(page)


def test_what_came_out_is_said_at_the_top_and_leads_to_the_scores(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(width=1440, height=900)
    open_page(page, server.url, SHORT)
    run = server.run(start_training(page))
    wait_for_end(page)
    expect(keyed(page, "outcome")).to_be_in_viewport(ratio=1)
    for arm in (run.result() or {})["arms"]:
        expect(keyed(page, "outcome")).to_contain_text(f"{arm['name']} {arm['test']['accuracy']:.1%}")
    wait_for_scores(page)
    assert parameters(page)["view"] == "scores"
    expect(keyed(page, "scores")).to_be_in_viewport(ratio=1)


def test_a_view_has_an_address(server: Any, ended: Run, page: Page, new_page: Callable[..., Page]) -> None:
    open_page(page, server.url, f"/train?run={ended.name}")
    wait_for_end(page)
    open_view(page, "Words")
    expect(player(page)).to_have_count(0)
    page.wait_for_url("**view=words**")
    other = new_page()
    open_page(other, page.url, "")
    expect(keyed(other, "view").get_by_role("radio", name="Words", exact=True)).to_be_checked()
    expect(player(other)).to_have_count(0)
    open_view(other, "Watch")
    expect(player(other)).to_be_visible()
    assert "view" not in parameters(other)


def test_on_a_telephone_start_and_outcome_are_on_the_first_screen(server: Any, new_page: Callable[..., Page]) -> None:
    phone = new_page(width=390, height=844)
    open_page(phone, server.url, SHORT)
    expect(button(phone, "do_start")).to_be_in_viewport(ratio=1)
    start_training(phone)
    wait_for_end(phone)
    expect(keyed(phone, "outcome")).to_be_in_viewport()
    # The picture begins on the first screen; what acts on it follows it at once, before what else belongs to the view.
    tops = [(it.bounding_box() or {})["y"] for it in (player(phone), keyed(phone, "alpha"), keyed(phone, "lens_open"))]
    assert tops == sorted(tops)
    assert tops[0] < 844
    assert tops[1] < bottom(player(phone)) + 40
    for view in keyed(phone, "view").get_by_role("radio").all():
        expect(view).to_be_in_viewport(ratio=1)
    wait_for_scores(phone)
    table = keyed(phone, "scores").bounding_box() or {}
    assert table["y"] < 4 * 844


def test_the_menu_of_a_narrow_screen_can_be_closed(server: Any, new_page: Callable[..., Page]) -> None:
    phone = new_page(width=390, height=844)
    open_page(phone, server.url, SHORT)
    phone.get_by_test_id("stExpandSidebarButton").click()
    phone.get_by_test_id("stSidebar").hover()  # without a finger, the button shows when pointed at
    close = phone.get_by_test_id("stSidebarCollapseButton").locator("button")
    expect(close).to_be_in_viewport()
    close.click()
    expect(button(phone, "do_start")).to_be_in_viewport()


def test_the_document_says_its_language_and_page(server: Any, page: Page) -> None:
    open_page(page, server.url, "/data?lang=zh")
    expect(page.locator("html[lang=zh-CN]")).to_have_count(1)
    expect(page).to_have_title("数据 · DynMask")
    keyed(page, "language").get_by_role("radio", name="English").click()
    expect(page.locator("html[lang=en]")).to_have_count(1)
    expect(page).to_have_title("Data · DynMask")


def test_a_link_that_hides_the_settings_leaves_the_live_ones_and_says_what_runs(server: Any, page: Page) -> None:
    open_page(page, server.url, SHORT + "&hide=settings")
    expect(keyed(page, "data")).to_be_hidden()
    expect(keyed(page, "alpha")).to_be_visible()
    run = server.run(start_training(page))
    wait_for_epoch(page, 1)
    expect(keyed(page, "theta")).to_be_visible()
    for arm in run.config().arms:
        expect(main(page).get_by_text(arm).first).to_be_visible()
    expect(main(page).get_by_text("Fruit, from the article").first).to_be_visible()


def test_what_the_address_cannot_say_is_told(server: Any, page: Page) -> None:
    open_page(page, server.url, "/train?epochs=abc&colour=*red*&model=huge&alpha=0.5")
    told = alerts(page).filter(has_text="passed over")
    expect(told).to_contain_text("epochs=abc")
    expect(told).to_contain_text("colour=*red*")
    expect(told).to_contain_text("model=huge")
    expect(told).not_to_contain_text("alpha")


def test_a_ready_made_experiment_closes_its_list(server: Any, page: Page) -> None:
    open_page(page, server.url, "/train")
    page.locator("[class*=st-key-recipes] button").first.click()
    page.locator("[class*=st-key-recipe_] button").first.click()
    expect(page.locator("[class*=st-key-recipe_]")).to_have_count(0)
    heading(page, "Train & watch")
