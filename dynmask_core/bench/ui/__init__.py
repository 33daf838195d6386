"""What a reader waits for, in a real browser: `dynmask bench --suite ui`. Needs a Chromium.

First visits, page switches while nothing trains and while a run does, the catalogue's pictures, what is sent while a
run is watched, and the player's scrubber. The server is the real one, with workers of low priority. Seconds on the
clock count whatever else the machine does, so each note gives the seconds of work, too: the server's, the browser's.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from dynmask_core.bench.serving import WARM, serving
from dynmask_core.bench.timing import Row
from dynmask_core.bench.ui import scrubber, switches, training, visits
from dynmask_core.bench.ui.chrome import launched
from dynmask_core.bench.ui.scrubber import made

__all__ = ["made", "run"]


def run() -> list[Row]:
    """All of it; a ratio of more than 1 keeps within its goal. Raises InputError if there is no browser."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        return [*_served(browser), *scrubber.measure(browser)]


def _served(browser: Browser) -> Iterator[Row]:
    with serving() as server:
        page = browser.new_page()
        page.goto(f"http://{server.host}/train")
        page.wait_for_timeout(WARM * 1000)
        page.close()
        yield from visits.measure(browser, server)
        yield from switches.measure(browser, server)
        yield from training.measure(browser, server)
