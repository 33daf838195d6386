"""The pages beside the words of the ready lessons, opened as the lessons open them: none is empty or complains."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from helpers import alerts, main, open_page
from playwright.sync_api import Page, expect

from dynmask_core.learn.catalogue import ready
from dynmask_core.messages import LANGUAGES, text


def addresses() -> list[str]:
    """One of each page, in one language or the other by turns; with DYNMASK_LONG every step's in every language."""
    every = [
        (lang, step.panel) for lang in LANGUAGES for one in ready() for step in one.lessons[lang].steps if step.panel
    ]
    if not os.environ.get("DYNMASK_LONG"):
        pages = sorted({panel.page for _, panel in every})
        turns = {page: list(LANGUAGES)[place % len(LANGUAGES)] for place, page in enumerate(pages)}
        every = list({panel.page: (lang, panel) for lang, panel in every if lang == turns[panel.page]}.values())
    said = {f"/{panel.address}{'&' if '?' in panel.address else '?'}lang={lang}&embed=true" for lang, panel in every}
    return sorted(said)


def test_every_page_of_the_lessons_opens_and_shows_something(server: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(width=840, height=800)
    useless = {text("address.ignored", lang, parts="") for lang in LANGUAGES}
    for address in addresses():
        open_page(page, server.url, address)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(alerts(page).get_by_test_id("stAlertContentError")).to_have_count(0)
        told = alerts(page).all_inner_texts()
        assert [one for one in told for start in useless if start in one] == [], address
        assert len(main(page).inner_text()) > 200, address
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 840, address
