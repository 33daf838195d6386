"""The first visit of each page, and the catalogue until all its pictures are there."""

from __future__ import annotations

import time
from collections.abc import Iterator

from playwright.sync_api import Browser, Page

from dynmask_core.bench.serving import Server
from dynmask_core.bench.timing import Row
from dynmask_core.bench.ui.chrome import SETTLED, Wire, work

PAGES = ("", "learn", "data", "masks", "train", "compare", "mlm", "tasks")
PICTURES = {"": "[data-testid=mask-player]", "masks": ".mk-drawn"}
"""Pages that open with a picture → what it is known by."""
SECONDS, MEGABYTES = 2.0, 2.0
"""Goals of a first visit."""
OWN = "a sentence of my own, written for the first time"


def measure(browser: Browser, server: Server) -> Iterator[Row]:
    for name in PAGES:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        wire, before, worked = Wire(page), work(browser), server.cpu()
        began = time.monotonic()
        page.goto(f"http://{server.host}/{name}")
        page.wait_for_function(SETTLED)
        took = time.monotonic() - began
        if name in PICTURES:
            page.locator(PICTURES[name]).first.wait_for()
            took = time.monotonic() - began
        page.wait_for_load_state("networkidle")
        served, drew = server.cpu() - worked, work(browser) - before
        note = f"{took:.2f} s; work {served:.2f} s server, {drew:.2f} s browser; {wire.told()}"
        title = f"first visit, {name or 'home'}"
        yield Row(title, f"{SECONDS:.0f} s", SECONDS / took, (SECONDS / took,) * 2, note)
        share = MEGABYTES / (wire.total / 1e6)
        yield Row(f"{title}, bytes", f"{MEGABYTES:.0f} MB", share, (share, share))
        if name == "masks":
            yield _catalogue(page, began, "pictures of a sample")
            began = time.monotonic()
            field = page.locator(".st-key-masks_sentence input")
            field.fill(OWN)
            field.press("Enter")
            page.locator(".mk-waiting").first.scroll_into_view_if_needed()
            yield _catalogue(page, began, "pictures of an own sentence in sight")
        context.close()


def _catalogue(page: Page, began: float, title: str) -> Row:
    page.wait_for_function(IN_SIGHT, timeout=120_000)
    took = time.monotonic() - began
    drawn, waiting = page.locator(".mk-drawn").count(), page.locator(".mk-waiting").count()
    note = f"{took:.2f} s; {drawn} drawn, {waiting} wait out of sight"
    return Row(title, f"{SECONDS:.0f} s", SECONDS / took, (SECONDS / took,) * 2, note)


IN_SIGHT = """
    () => [...document.querySelectorAll(".mk-waiting")].every((node) => {
      const { top, bottom } = node.getBoundingClientRect();
      return bottom < 0 || top > innerHeight;
    })
"""
