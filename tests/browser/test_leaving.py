"""Leaving a page that redraws itself by the clock: a tick that is on its way must not take the next page away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers import click_button, heading, keyed, open_page, wait_until_drawn
from playwright.sync_api import Page, WebSocketRoute, expect

from dynmask_core.messages import text

ROOT = Path(__file__).resolve().parents[2]


def test_a_tick_right_behind_the_click_does_not_empty_the_next_page(
    server: Any, page: Page, until: Callable[..., None]
) -> None:
    ticks: list[Any] = []
    behind: list[Any] = []

    def between(browser: WebSocketRoute) -> None:
        app = browser.connect_to_server()

        def sent(message: Any) -> None:
            app.send(message)
            ticks.append(message)
            while behind:
                app.send(behind.pop())

        browser.on_message(sent)
        app.on_message(browser.send)

    page.route_web_socket(re.compile("/_stcore/stream"), between)
    open_page(page, server.url, "/masks?data=fruit&edges=causal")
    sentence = page.get_by_role("textbox", name=text("masks.sentence", "en"))
    sentence.fill("a sentence whose pictures nobody has drawn yet")
    sentence.press("Enter")
    expect(keyed(page, "catalogue").get_by_text(re.compile(r"\d+ of \d+ pictures"))).to_be_visible()
    ticks.clear()
    until(lambda: page.evaluate("1") and ticks, 60)  # Playwright hands on what is sent while it is asked something
    behind.append(ticks[-1])
    click_button(page, "composer_train")
    page.wait_for_url("**/train?*")
    heading(page, text("train.title", "en"))
    wait_until_drawn(page)
    heading(page, text("train.title", "en"))
    expect(keyed(page, "do_start")).to_be_visible()


def test_every_timer_and_every_change_of_page_goes_through_the_frame() -> None:
    sources = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "dynmask_core" / "ui").rglob("*.py")]

    def holding(word: str) -> set[str]:
        return {path.name for path in sources if word in path.read_text(encoding="utf-8")}

    assert holding("run_every") == {"timer.py"}
    assert holding("switch_page(") == {"frame.py"}
