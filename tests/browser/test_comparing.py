"""Studies in the browser: many runs are started, survive a reload, are cancelled and gone on with, and are judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from helpers import (
    button,
    can_click,
    cannot_click,
    click_button,
    heading,
    keyed,
    main,
    open_page,
    parameters,
    wait_for_scores,
)
from playwright.sync_api import Page, expect

from dynmask_core.studies import Study

TINY = "data=fruit&model=tiny&epochs=2&baseline=none&dynamic=static"


def study(server: Any, page: Page) -> Study:
    return Study(server.runs / parameters(page)["study"])


def test_a_comparison_ends_with_a_verdict_and_a_report(server: Any, page: Page) -> None:
    open_page(page, server.url, f"/compare?{TINY}&compare_seeds=6")
    click_button(page, "do_start")
    cannot_click(page, "do_start")
    page.reload()
    expect(main(page)).to_contain_text("6 of 6 runs", timeout=180_000)
    expect(main(page).get_by_text(re.compile("static against none|static and none|static is"))).to_be_visible()
    expect(keyed(page, "figure_dots").locator(".plot-container")).to_be_visible()
    can_click(page, "do_start")
    with page.expect_download() as download:
        click_button(page, "report_html")
    text = download.value.path().read_text(encoding="utf-8")
    assert "<script>" in text
    assert "dynmask compare" in text
    click_button(page, "study_open")
    heading(page, "Train & watch")
    wait_for_scores(page)
    assert parameters(page)["run"].startswith(study_prefix(server))


def study_prefix(server: Any) -> str:
    newest = max(folder.name for folder in server.runs.iterdir() if (folder / "study.json").exists())
    return str(newest[:15])


def test_a_sweep_is_cancelled_gone_on_with_and_opened_by_a_click(
    server: Any, page: Page, until: Callable[..., None]
) -> None:
    open_page(page, server.url, f"/compare?{TINY}&kind=sweep&dynamic=repaired&sweep_seeds=1&epochs=5")
    click_button(page, "do_start")
    until(lambda: "study" in parameters(page))
    until(lambda: study(server, page).progress().done >= 1, 180)
    click_button(page, "do_cancel")
    expect(button(page, "do_continue")).to_be_visible(timeout=60_000)
    before = study(server, page).progress()
    assert 1 <= before.done <= before.total == 9
    click_button(page, "do_continue")
    expect(main(page)).to_contain_text("9 of 9 runs", timeout=180_000)
    cells = keyed(page, "heat_validation").locator(".nsewdrag").first
    expect(keyed(page, "reports")).to_be_visible()
    until(cells.bounding_box)
    box = cells.bounding_box() or {}
    cells.click(position={"x": box["width"] / 6, "y": box["height"] / 6})
    heading(page, "Train & watch")
    wait_for_scores(page)
