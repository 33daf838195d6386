"""What a browser has is not sent to it again: epochs of a run, scripts of components, Streamlit's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from helpers import (
    newest_epoch,
    open_page,
    player,
    run_name,
    sentence,
    start_training,
    wait_for_end,
    wait_for_epoch,
)  # fmt: skip
from playwright.sync_api import Page, expect

PIECE = re.compile(r"^https?://[^/]+/media/.+")
RUN = "/train?data=chinese_news&model=tiny&epochs=8"


def asked(page: Page) -> Counter[str]:
    """How often the page has asked for each piece; fills as it goes on."""
    found: Counter[str] = Counter()
    page.on("request", lambda request: found.update(PIECE.findall(request.url)))
    return found


def test_each_epoch_is_fetched_once_by_each_who_watches(server: Any, page: Page, new_page: Callable[..., Page]) -> None:
    pieces = asked(page)
    open_page(page, server.url, f"{RUN}&seed=31")
    start_training(page)
    wait_for_epoch(page, 3)
    other = new_page()
    theirs = asked(other)
    other.goto(f"{server.url}/train?run={run_name(page)}")
    wait_for_end(page)
    wait_for_epoch(page, 8)
    assert len(pieces) == 9
    assert set(pieces.values()) == {1}
    wait_for_epoch(other, 8)
    assert set(theirs.values()) <= {1}
    assert player(other).get_by_test_id("mp-arms").inner_text() == player(page).get_by_test_id("mp-arms").inner_text()
    page.reload()
    expect(player(page)).to_be_visible()
    wait_for_epoch(page, 8)
    assert sentence(page).inner_text() == sentence(other).inner_text()


def test_where_pieces_do_not_come_through_all_comes_in_one(server: Any, page: Page) -> None:
    # As a proxy does that knows no such address, and leads everybody to its first page.
    page.route(PIECE, lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Hello</h1>" * 9))
    open_page(page, server.url, f"{RUN}&seed=32")
    start_training(page)
    wait_for_epoch(page, 3)
    assert newest_epoch(page) >= 3
    expect(sentence(page)).to_be_visible()


def test_a_component_sends_no_script_with_its_data(server: Any, page: Page) -> None:
    scripts: Counter[str] = Counter()
    packed: list[str] = []

    def note(response: Any) -> None:
        if "/static/" in response.url and response.url.endswith(".js"):
            scripts.update([response.url])
            packed.append(response.headers.get("content-encoding", ""))

    page.on("response", note)
    sizes: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: sizes.append(len(data))))
    open_page(page, server.url, "/train")
    expect(page.get_by_test_id("tour")).to_be_visible()
    assert any("/static/dynmask/" in url for url in scripts)
    assert set(scripts.values()) == {1}
    assert set(packed) == {"gzip"}
    assert max(sizes) < 20_000
