"""A mask of one's own in a browser: typed, painted, trained as an arm; on an English and on a Chinese data set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from helpers import click_button, keyed, open_page, parameters, run_name, start_training, wait_for_end
from playwright.sync_api import Page, expect

from dynmask_core.masks import brief, canonical, painted
from dynmask_core.messages import text

QUICK = {"en": "data=fruit", "zh": "data=chinese_news"}


@pytest.mark.parametrize("lang", QUICK)
def test_a_mask_is_typed_painted_and_trained(server: Any, page: Page, until: Callable[..., None], lang: str) -> None:
    open_page(page, server.url, f"/masks?family=baseline&lang={lang}")
    keyed(page, "composer").locator("summary").first.click()
    written = keyed(page, "composer_text").locator("input")
    written.fill("window(1) | global(0)")
    written.press("Enter")
    until(lambda: parameters(page).get("edges") == "window(1)|global(0)", 30)
    canvas = page.get_by_test_id("pt-canvas")
    canvas.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", " "):
        canvas.press(key)
    until(lambda: parameters(page).get("edges", "").startswith("painted("), 30)
    edges = parameters(page)["edges"]
    drawn = painted.read(edges.removeprefix('painted("').removesuffix('")'))
    at = np.arange(len(drawn))
    expected = (abs(at[:, None] - at) <= 1) | (at == 0) | (at[:, None] == 0)
    expected[3, 1] = True
    np.testing.assert_array_equal(drawn, expected)

    click_button(page, "composer_train")
    page.wait_for_url("**/train?*")
    arm = canonical(f"custom:{edges}")
    until(lambda: parameters(page).get("dynamic") == arm, 30)
    assert parameters(page)["baseline"] == "none"
    expect(keyed(page, "dynamic").get_by_text(brief(arm), exact=True)).to_be_visible()
    open_page(page, server.url, f"/train?{QUICK[lang]}&model=tiny&epochs=1&baseline=none&dynamic={arm}&lang={lang}")
    run = server.run(start_training(page))
    wait_for_end(page)
    assert run_name(page) == run.name
    assert run.config().arms == ("none", arm)
    expect(keyed(page, "outcome")).to_contain_text(brief(arm))
    expect(keyed(page, "outcome")).to_contain_text(text("outcome.scores", lang))
