"""The replay of a run in a browser: opened from disk, without any network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from dynmask_core.analysis.act import act, open_arms
from dynmask_core.analysis.forced import Forced
from dynmask_core.analysis.lens import lens
from dynmask_core.analysis.subject import Subject
from dynmask_core.messages import catalogue
from dynmask_core.notebook import framed
from dynmask_core.runs import Run
from dynmask_core.runs.store import open_export
from dynmask_core.ui.components.lens import STRING_KEYS, LensData, pack
from dynmask_core.ui.replay import replay
from dynmask_core.ui.web.alone import page as page_of

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


@pytest.fixture(scope="module")
def written(finished_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The replay of a run with its models."""
    file = tmp_path_factory.mktemp("replay") / "run.html"
    file.write_text(replay(finished_run), encoding="utf-8")
    return file


def cells(page: Page) -> list[list[str]]:
    """What the lens says: of every row of every model, the text of its cells."""
    rows = page.get_by_test_id("ln-row")
    expect(rows.first).to_be_attached()
    return rows.evaluate_all("rows => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))")  # type: ignore[no-any-return]


def test_its_lens_shows_the_numbers_of_the_app(
    new_page: Callable[..., Page], written: Path, finished_run: Run, tmp_path: Path
) -> None:
    page = new_page(1440, 900)
    page.context.set_offline(True)
    page.goto(written.as_uri())
    expect(page.get_by_test_id("mask-player")).to_have_attribute("data-epoch", "3")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("ln-model").first).to_contain_text("epoch 2")
    # The third word of the first model, in the head that the player shows.
    page.get_by_test_id("mp-arm").first.get_by_test_id("mp-token").nth(2).click()
    expect(page.locator("#lens-query")).to_have_value("3")
    expect(page.locator("#lens-head")).to_have_value("0")
    seen = cells(page)
    switch = page.get_by_test_id("ln-switch").nth(4)
    switch.click()
    flipped = cells(page)

    text = finished_run.probes()[0].text
    arms = [lens(Subject.open(finished_run, arm, 2), text, -1) for arm in finished_run.config().arms]
    data = LensData([one.row(0, 0, 3) for one in arms], ["#555555", "#aa5500"])
    strings = {key: catalogue("en")[key] for key in STRING_KEYS}
    app = tmp_path / "app.html"
    app.write_text(page_of("lens", pack(data, lang="en", strings=strings)), encoding="utf-8")
    page.goto(app.as_uri())
    assert seen == cells(page)
    page.get_by_test_id("ln-switch").nth(4).click()
    assert flipped == cells(page) != seen


def test_a_click_on_a_word_shows_what_the_models_then_predict(
    new_page: Callable[..., Page], written: Path, finished_run: Run
) -> None:
    page = new_page(390, 844)
    page.context.set_offline(True)
    page.goto(written.as_uri())
    subjects, text = open_arms(finished_run), finished_run.probes()[0].text
    words = page.get_by_test_id("act-word")
    for place in (1, 2):
        words.nth(place - 1).click()
        alone = act(subjects, text, Forced(removed=frozenset({place})), each=False)
        for arm in alone.arms:
            block = page.get_by_test_id("act-arm").filter(has=page.get_by_text(arm.arm, exact=True))
            expect(block.get_by_test_id("act-verdict")).to_contain_text(alone.classes[arm.predicted])
            expect(block).to_contain_text(f"{100 * max(arm.after):.1f}%")
    expect(words.nth(1)).to_have_attribute("data-state", "removed")
    expect(words.nth(0)).to_have_attribute("data-state", "")  # one thing at a time
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_test_id("act")).to_have_attribute("lang", "zh")
    expect(words.nth(1)).to_have_attribute("data-state", "removed")
    page.get_by_test_id("act-undo").click()
    expect(words.nth(1)).to_have_attribute("data-state", "")


def test_in_a_notebook_it_works_and_touches_nothing_outside_its_frame(
    new_page: Callable[..., Page], written: Path, tmp_path: Path
) -> None:
    outer = tmp_path / "notebook.html"
    outer.write_text(f"<h2>cell</h2>{framed(written.read_text(encoding='utf-8'), 'run')}", encoding="utf-8")
    page = new_page(1280, 900)
    page.goto(outer.as_uri())
    before = page.locator("h2").evaluate("node => getComputedStyle(node).font")
    frame: FrameLocator = page.frame_locator("iframe")
    expect(frame.get_by_test_id("mask-player")).to_have_attribute("data-epoch", "3")
    expect(frame.get_by_test_id("ln-row").first).to_be_attached()
    assert page.locator("h2").evaluate("node => getComputedStyle(node).font") == before
    assert page.locator("style").count() == 0
