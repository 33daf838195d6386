"""The replay of a run in a browser: opened from disk, without any network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from dynmask_core.runs.store import open_export
from dynmask_core.ui.replay import replay

DEMO = Path(__file__).resolve().parents[2] / "dynmask_core" / "ui" / "demo_en.zip"


def test_a_replay_scrubs_and_speaks_both_languages_offline(new_page: Callable[..., Page], tmp_path: Path) -> None:
    file = tmp_path / "run.html"
    file.write_text(replay(open_export(DEMO)), encoding="utf-8")
    page = new_page(1440, 900, color_scheme="dark")
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())

    player = page.get_by_test_id("mask-player")
    expect(player).to_have_attribute("data-epoch", "15")
    scrubber = page.get_by_role("slider")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(player).to_have_attribute("data-epoch", "0")
    page.keyboard.press("ArrowRight")
    expect(player).to_have_attribute("data-epoch", "1")

    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading", name="测试（只看一次）")).to_be_visible()
    expect(page.get_by_role("heading", name="Test, looked at once")).to_be_hidden()
    expect(page.get_by_test_id("mp-threshold")).to_contain_text("低于它的词被划去")
    expect(player).to_have_attribute("data-epoch", "1")  # the reader's place is kept

    page.locator("#sentence").select_option("3")
    expect(page.get_by_test_id("mp-arms")).to_contain_text(open_export(DEMO).probes()[3].text.split()[0])
    assert [url for url in asked if not url.startswith("file:")] == []
