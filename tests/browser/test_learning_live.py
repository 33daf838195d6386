"""A lesson in the browser: the guess, the real page beside it, the way there and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from helpers import button, click_button, heading, keyed, main, open_page
from playwright.sync_api import Page, expect

from dynmask_core.learn.catalogue import find
from dynmask_core.messages import text

LESSON = "what-is-a-mask"


def test_a_lesson_is_guessed_at_and_leads_into_the_app_and_back(server: Any, page: Page) -> None:
    lesson = find(LESSON).in_language("en")
    open_page(page, server.url, "/learn")
    click_button(page, f"open_{LESSON}")
    heading(page, lesson.title)
    expect(page).to_have_url(re.compile("lesson=what-is-a-mask"))
    panel = keyed(page, "lesson_panel").frame_locator("iframe")
    expect(panel.get_by_role("heading", level=1, name="Masks")).to_be_visible()
    # The page inside has no way out of its own: the lesson has it.
    expect(panel.get_by_test_id("stTopNavLink")).to_have_count(0)
    expect(panel.locator(".st-key-language")).not_to_be_visible()

    expect(main(page).get_by_text("Four rows and four columns are 16 edges")).to_have_count(0)
    number = page.get_by_label("How many edges have the four words")
    number.fill("16")
    number.press("Tab")
    page.get_by_role("radiogroup").get_by_text(re.compile("cannot look at cat any more")).click()
    click_button(page, f"guess_{LESSON}_1")
    expect(main(page).get_by_text("Four rows and four columns are 16 edges")).to_be_visible()
    expect(main(page).get_by_text("Your answer: 16. Right.")).to_be_visible()

    click_button(page, "whole")
    heading(page, "Masks")
    expect(page).to_have_url(re.compile(r"/masks\?.*edges=all"))
    click_button(page, "to_lesson")
    heading(page, lesson.title)
    expect(main(page).get_by_text("Your answer: 16. Right.")).to_be_visible()
    # Another visit: the server has forgotten the guess, the browser has not.
    page.reload()
    expect(main(page).get_by_text("Your answer: 16. Right.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_lesson_fits_and_stays_where_the_address_says(width: int, server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(width=width, height=844, locale="zh-CN", color_scheme="dark")
    open_page(page, server.url, f"/learn?lesson={LESSON}&step=3")
    lesson = find(LESSON).in_language("zh")
    heading(page, lesson.title)
    expect(page.get_by_role("heading", level=2, name=lesson.steps[2].title)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=2, name=lesson.steps[2].title)).to_be_visible()
    expect(button(page, "next")).to_have_text(text("learn.next", "zh"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
