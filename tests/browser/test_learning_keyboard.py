"""A lesson by keyboard alone, and what axe says about it on the way: nothing serious, and the focus is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from helpers import button, keyed, open_page, serious, wait_until_drawn
from playwright.sync_api import Page, expect

from dynmask_core.learn.catalogue import find, ready
from dynmask_core.messages import text

NAME = "the-article"
"""It has all there is in lessons: code, tables, a page beside each step."""


def press(page: Page, key: str, pressed: str = "Enter") -> None:
    button(page, key).focus()
    page.keyboard.press(pressed)


@pytest.mark.parametrize(
    ("lang", "screen"),
    [
        ("en", {"width": 1440, "height": 900, "color_scheme": "light"}),
        ("zh", {"width": 390, "height": 844, "color_scheme": "dark"}),
    ],
)
def test_the_path_goes_by_keyboard_and_axe_finds_nothing_serious(
    lang: str, screen: dict[str, Any], server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(**screen)
    lesson = find(NAME).in_language(lang)
    first, second = lesson.steps[:2]
    open_page(page, server.url, f"/learn?lang={lang}")
    for one in ready():
        expect(keyed(page, f"lesson_{one.name}").get_by_role("heading")).to_have_text(one.in_language(lang).title)
    assert serious(page) == []

    press(page, f"open_{NAME}")
    title = page.get_by_role("heading", level=2, name=first.title)
    expect(title).to_be_visible()
    guess = button(page, f"guess_{NAME}_1")
    expect(guess).to_be_visible()
    # A choice by the space bar, a number, and the guess by Enter.
    keyed(page, f"answer_{NAME}_1_p0").get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    number = page.get_by_role("spinbutton")
    number.focus()
    page.keyboard.type("0.3")
    page.keyboard.press("Tab")
    expect(number).to_have_value("0.3")
    guess.focus()
    # In the middle: axe takes what lies under the bar with the way on for text on that bar.
    guess.evaluate("node => node.scrollIntoView({ block: 'center' })")
    assert serious(page) == []
    page.keyboard.press("Enter")
    expect(keyed(page, "reveal_title").get_by_role("heading")).to_be_focused()
    expect(page.get_by_text(text("learn.right", lang, answer="0.3"))).to_be_visible()
    expect(page.get_by_text(text("learn.passed", lang))).to_have_count(0)
    wait_until_drawn(page)
    assert serious(page) == []
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= screen["width"]

    press(page, "next")
    title = page.get_by_role("heading", level=2, name=second.title)
    expect(title).to_be_focused()
    expect(title).to_be_in_viewport()
    page.keyboard.press("Shift+Tab")  # back to what stands above the words
    assert page.evaluate("document.activeElement !== document.body")
    button(page, "to_shelf").focus()
    page.keyboard.press("Enter")
    expect(button(page, f"open_{NAME}")).to_be_visible()
