"""From one page to another by the menu: while nothing trains, and while a run does."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from playwright.sync_api import Browser, Page

from dynmask_core.bench.serving import Server
from dynmask_core.bench.timing import Row
from dynmask_core.bench.ui.chrome import SETTLED, work
from dynmask_core.messages import text

NAMES = ("data", "masks", "train", "compare", "mlm", "tasks", "learn", "home")
ROUNDS = 4
GOALS = {"idle": 0.3, "training": 0.7}
"""Seconds within which 95 of 100 switches end."""
LONG = "train?data=english_sentiment&model=small&epochs=60&seed=7"
THERE = f"""
    (title) => document.title.startsWith(title) && ({SETTLED})()
      && !document.querySelector('[data-testid=stMain] [data-stale="true"]')
"""


def measure(browser: Browser, server: Server) -> Iterator[Row]:
    for state in GOALS:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        trains = context.new_page() if state == "training" else None
        if trains:  # a tab that another reader watches
            trains.goto(f"http://{server.host}/{LONG}")
            trains.locator(".st-key-do_start button:visible").click()
            trains.get_by_test_id("mask-player").wait_for(timeout=120_000)
        page.goto(f"http://{server.host}/")
        page.wait_for_function(SETTLED)
        _round(page)  # loads what the pages need
        before, worked = work(browser), server.cpu()
        took = [_round(page) for _ in range(ROUNDS)]
        each = ROUNDS * len(NAMES)
        served, drawn = (server.cpu() - worked) / each, (work(browser) - before) / each
        notes = [f"work of a switch {served:.3f} s server, {drawn:.3f} s browser"]
        low, middle, high, slow = np.quantile(took, [0.25, 0.5, 0.75, 0.95]).tolist()
        medians = ", ".join(f"{name} {1000 * s:.0f}" for name, s in zip(NAMES, np.median(took, 0), strict=True))
        notes += [f"median {1000 * middle:.0f} ms, 95th percentile {1000 * slow:.0f} ms", f"medians: {medians}"]
        goal = GOALS[state]
        yield Row(
            f"page switch, {state}", f"{1000 * goal:.0f} ms", goal / slow, (goal / high, goal / low), "; ".join(notes)
        )
        if trains:
            trains.locator(".st-key-do_stop button:visible").click()
        context.close()


def _round(page: Page) -> list[float]:
    """Seconds of each switch, through all pages."""
    took = []
    for name in NAMES:
        link = page.get_by_test_id("stTopNavLink").filter(has_text=text(f"nav.{name}")).first
        began = time.monotonic()
        link.click()
        page.wait_for_function(THERE, arg=text(f"nav.{name}"))
        took.append(time.monotonic() - began)
    return took
