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


IN_SIGHT = """key => {
    let at = document.activeElement;
    const inside = Boolean(at.closest(`.st-key-${CSS.escape(key)}, [data-testid=stTopNavLink][href*="${key}"]`));
    return { inside, lost: at === document.body };
}"""


def tab_to(page: Page, key: str, most: int, pressed: str = "Tab") -> None:
    """Presses the tabulator until the widget or the link of the menu has the focus, `most` times."""
    for _ in range(most):
        page.keyboard.press(pressed)
        found = page.evaluate(IN_SIGHT, key)
        assert not found["lost"], f"on the way to {key}"
        if found["inside"]:
            return
    raise AssertionError(f"{key} is not reached")


def test_the_tabulator_leads_from_home_through_a_step_into_the_live_page_and_back(
    server: Any, new_page: Callable[..., Page]
) -> None:
    name = "what-is-a-mask"
    first, second = find(name).in_language("en").steps[:2]
    page = new_page(width=1440)
    open_page(page, server.url, "/")
    tab_to(page, "learn", 5)
    page.keyboard.press("Enter")
    expect(button(page, f"open_{name}")).to_be_visible()
    wait_until_drawn(page)
    tab_to(page, f"open_{name}", 16)
    page.keyboard.press("Enter")
    # Another page: one goes on at its beginning.
    title = page.get_by_role("heading", level=1, name=find(name).in_language("en").title)
    expect(title).to_be_focused()
    wait_until_drawn(page)

    tab_to(page, f"answer_{name}_1_p0", 8)
    page.keyboard.type("16")
    tab_to(page, f"answer_{name}_1_p1", 3)
    page.keyboard.press("Space")
    tab_to(page, f"guess_{name}_1", 2)
    page.keyboard.press("Enter")
    expect(keyed(page, "reveal_title").get_by_role("heading")).to_be_focused()
    wait_until_drawn(page)
    tab_to(page, f"answer_{name}_1_e0", 2)
    page.keyboard.press("Space")
    tab_to(page, f"judge_{name}_1", 2)
    page.keyboard.press("Enter")
    expect(page.get_by_text(first.explain[0].choices[0].feedback)).to_be_visible()
    wait_until_drawn(page)
    tab_to(page, "next", 3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=second.title)).to_be_focused()
    wait_until_drawn(page)

    # Into the page beside the words, once it is drawn, and out of it at its end.
    drawn = page.frame_locator("iframe").locator("[data-testid=stApp][data-test-script-state=notRunning] button")
    expect(drawn.nth(6)).to_be_attached()
    tab_to(page, "whole", 8)
    inside = 0
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") == "IFRAME":
        page.keyboard.press("Tab")
        inside += 1
        assert inside < 60
    assert inside > 5
    # The whole page in the place of the lesson, and back to the step.
    button(page, "whole").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=text("train.title"))).to_be_focused()
    wait_until_drawn(page)
    tab_to(page, "to_lesson", 16, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(title).to_be_focused()
    expect(page.get_by_role("heading", level=2, name=second.title)).to_be_visible()
