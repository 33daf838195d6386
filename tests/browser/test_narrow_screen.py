"""A telephone's width: everything can be reached without scrolling sideways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from helpers import button, fits, keyed, open_page, player, start_training, wait_for_scores
from playwright.sync_api import Page, expect

from dynmask_core.messages import LANGUAGES

WIDTH = 390


def assert_reachable(page: Page, key: str) -> None:
    """Visible, and between the screen's edges."""
    it = button(page, key)
    it.scroll_into_view_if_needed()
    box = it.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= WIDTH


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_fit(server: Any, new_page: Callable[..., Page], lang: str) -> None:
    phone = new_page(width=WIDTH, height=844)
    open_page(phone, server.url, f"/?lang={lang}")
    expect(player(phone)).to_be_visible()
    assert fits(phone)
    for key in ("go_train", "go_data"):
        assert_reachable(phone, key)
    for action in ("first", "play", "last"):
        control = phone.get_by_test_id(f"mp-{action}")
        control.scroll_into_view_if_needed()
        expect(control).to_be_in_viewport()
    expect(keyed(phone, "language").get_by_role("radio").last).to_be_in_viewport()
    open_page(phone, server.url, f"/data?lang={lang}")
    expect(keyed(phone, "report")).to_be_visible()
    assert fits(phone)
    assert_reachable(phone, "go_train")
    open_page(phone, server.url, f"/masks?lang={lang}")
    expect(keyed(phone, "card_static")).to_be_visible()
    assert fits(phone)
    assert_reachable(phone, "try_static")
    open_page(phone, server.url, f"/mlm?lang={lang}")
    expect(phone.get_by_test_id("page-of-text")).to_be_visible()
    assert fits(phone)


def test_training_fits(server: Any, new_page: Callable[..., Page]) -> None:
    phone = new_page(width=WIDTH, height=844)
    open_page(phone, server.url, "/train?data=fruit&model=tiny&epochs=1")
    assert fits(phone)
    for key in ("do_start", "do_pause", "do_step", "do_stop", "do_reset"):
        assert_reachable(phone, key)
    start_training(phone)
    wait_for_scores(phone)
    assert fits(phone)
